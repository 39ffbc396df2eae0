#include <algorithm>
#include <set>

#include "controlplane/identity/dicom_device_tags.h"
#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// PDU types (PS3.8, 9.3) and item types.
constexpr std::uint8_t kAssociateRequest = 0x01, kAssociateAccept = 0x02;
constexpr std::uint8_t kProposedContext = 0x20, kUserInformation = 0x50;
constexpr std::uint8_t kAbstractSyntax = 0x30, kImplementationClass = 0x52, kImplementationVersion = 0x55;
constexpr int kMaxItems = 512;
constexpr std::size_t kMaxModalities = 4;  // who proposes more is a toolkit or an archive, and no modality by that

struct Meaning {
  std::string_view uid, word;
};

// Storage classes of one modality (PS3.6, annex A), without their common root.
constexpr std::string_view kStorageRoot = "1.2.840.10008.5.1.4.1.1.";
constexpr Meaning kStorage[] = {
    {"1", "CR"},         {"1.1", "DX"},    {"1.1.1", "DX"},  {"1.2", "MG"},    {"1.2.1", "MG"},
    {"1.3", "IO"},       {"2", "CT"},      {"2.1", "CT"},    {"3.1", "US"},    {"4", "MR"},
    {"4.1", "MR"},       {"6.1", "US"},    {"6.2", "US"},    {"7", "SC"},      {"9.1.1", "ECG"},
    {"9.1.2", "ECG"},    {"12.1", "XA"},   {"12.1.1", "XA"}, {"12.2", "RF"},   {"12.2.1", "RF"},
    {"20", "NM"},        {"77.1.1", "ES"}, {"77.1.2", "GM"}, {"77.1.4", "XC"}, {"77.1.5.1", "OP"},
    {"77.1.5.4", "OPT"}, {"104.1", "DOC"}, {"128", "PT"},    {"130", "PT"},    {"481.1", "RTIMAGE"},
    {"481.5", "RTPLAN"},
};

// Other services, by what the one who asks for them does.
constexpr Meaning kServices[] = {
    {"1.2.840.10008.1.1", "verification"},         {"1.2.840.10008.1.20.1", "commitment"},
    {"1.2.840.10008.3.1.2.3.3", "procedure-step"}, {"1.2.840.10008.5.1.1.9", "print"},
    {"1.2.840.10008.5.1.4.1.2.1.1", "query"},      {"1.2.840.10008.5.1.4.1.2.1.2", "retrieve"},
    {"1.2.840.10008.5.1.4.1.2.2.1", "query"},      {"1.2.840.10008.5.1.4.1.2.2.2", "retrieve"},
    {"1.2.840.10008.5.1.4.31", "worklist"},
};

std::string_view word_for(std::span<const Meaning> table, std::string_view uid) {
  const auto known = std::ranges::find(table, uid, &Meaning::uid);
  return known == table.end() ? std::string_view{} : known->word;
}

// A UID may be padded with one NUL to an even length (PS3.5, 9.1).
std::string_view as_uid(Bytes bytes) {
  const auto text = as_text(bytes);
  return text.substr(0, text.find_last_not_of(std::string_view("\0 ", 2)) + 1);
}

struct Association {
  std::set<std::string_view> services, modalities;
  std::string_view implementation_class, implementation_version;
  bool whole = false;  // every item was seen
};

struct Item {
  std::uint8_t type;
  Bytes value;
};

// The next item: type, one reserved byte, length, value. A cut-off one poisons the cursor.
Item next_item(packet::Cursor& in) {
  const auto type = in.u8();
  in.skip(1);
  return {type, in.take(in.u16())};
}

void read_context(Bytes value, Association& association) {
  packet::Cursor in(value);
  in.skip(4);  // id and reserved
  for (int i = 0; i < kMaxItems && in.left() > 0; ++i) {
    const auto item = next_item(in);
    if (in.failed()) return;
    if (item.type != kAbstractSyntax) continue;
    const auto uid = as_uid(item.value);
    if (const auto service = word_for(kServices, uid); !service.empty()) association.services.insert(service);
    if (!uid.starts_with(kStorageRoot)) continue;
    association.services.insert("storage");
    const auto modality = word_for(kStorage, uid.substr(kStorageRoot.size()));
    association.modalities.insert(modality.empty() ? "other" : modality);
  }
}

void read_user_information(Bytes value, Association& association) {
  packet::Cursor in(value);
  for (int i = 0; i < kMaxItems && in.left() > 0; ++i) {
    const auto item = next_item(in);
    if (in.failed()) return;
    if (item.type == kImplementationClass) association.implementation_class = as_uid(item.value);
    if (item.type == kImplementationVersion) association.implementation_version = as_uid(item.value);
  }
}

// `in` stands behind the fixed part. The PDU may be longer than the bytes that were gathered.
Association read_items(packet::Cursor in) {
  Association association;
  for (int i = 0; i < kMaxItems && in.left() > 0; ++i) {
    const auto item = next_item(in);
    if (in.failed()) return association;
    if (item.type == kProposedContext) read_context(item.value, association);
    if (item.type == kUserInformation) read_user_information(item.value, association);
  }
  association.whole = in.left() == 0;
  return association;
}

std::string joined(const std::set<std::string_view>& words) {
  std::string text;
  for (const auto word : words) text.append(text.empty() ? "" : ",").append(word);
  return text;
}

}  // namespace

// Beyond the association only what tell_stored_device() picks: what follows it is a patient's.
void observe_dicom(Bytes payload, const Speech&, Observations& out) {
  packet::Cursor in(payload);
  const auto type = in.u8();
  in.skip(1);
  const auto length = in.u32();
  in.skip(4);  // version and reserved
  const auto called = in.take(16), calling = in.take(16);
  in.skip(32);
  if (in.failed() || (type != kAssociateRequest && type != kAssociateAccept) || length < 68) return;
  const std::size_t items = length - 68;
  const bool gathered_whole = items <= in.left();
  const auto behind = gathered_whole ? in.rest().subspan(items) : Bytes{};
  if (gathered_whole) in.limit(items);

  const auto association = read_items(in);
  // Who accepts repeats the title that it was called by (PS3.8, 9.3.3), and so confirms it as its own.
  const auto own = as_text(type == kAssociateRequest ? calling : called);
  tell(out, "dicom", "dicom.ae_title", own);
  tell(out, "dicom", type == kAssociateRequest ? "dicom.calling_ae" : "dicom.called_ae", own);
  tell(out, "dicom", "dicom.implementation", association.implementation_version);
  tell(out, "dicom", "dicom.implementation_uid", association.implementation_class);
  if (type != kAssociateRequest) return;
  tell(out, "dicom", "dicom.services", joined(association.services));
  // Half a list of proposals would name the wrong modality.
  if (gathered_whole && association.whole && association.modalities.size() <= kMaxModalities) {
    tell(out, "dicom", "dicom.modality", joined(association.modalities));
  }
  tell_stored_device(behind, out);
}

}  // namespace wardline::identity
