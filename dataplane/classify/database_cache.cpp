#include "dataplane/classify/database_cache.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

namespace wardline::classify {
namespace {

// BLAKE2b: the fastest that libsodium has; every start reads all databases.
using Digest = std::array<unsigned char, 32>;

Digest digest_of(std::string_view bytes) {
  Digest digest;
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                     nullptr, 0);
  return digest;
}

std::string info_of(const hs_database_t& database) {
  char* info = nullptr;
  if (hs_database_info(&database, &info) != HS_SUCCESS || info == nullptr) return {};
  std::string text(info);
  std::free(info);  // Hyperscan's default allocator is malloc
  return text;
}

std::string engine_info() {
  hs_database_t* database = nullptr;
  hs_compile_error_t* fault = nullptr;
  if (hs_compile("a", HS_FLAG_SINGLEMATCH, HS_MODE_BLOCK, nullptr, &database, &fault) != HS_SUCCESS) {
    hs_free_compile_error(fault);
    return {};
  }
  return info_of(*DatabasePtr(database));
}

std::string key_of(const std::string& engine, std::span<const Expression> content) {
  std::string key = "wardline database 3\n" + std::to_string(engine.size()) + ":" + engine;
  for (const auto& expression : content) key += expression.content();
  return key;
}

std::optional<std::string> read_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::string bytes;
  struct stat info{};
  bool whole = ::fstat(descriptor, &info) == 0;
  if (whole) bytes.resize(static_cast<std::size_t>(info.st_size));
  for (std::size_t done = 0; whole && done < bytes.size();) {
    const auto count = ::read(descriptor, bytes.data() + done, bytes.size() - done);
    whole = count > 0;
    if (whole) done += static_cast<std::size_t>(count);
  }
  ::close(descriptor);
  return whole ? std::optional(std::move(bytes)) : std::nullopt;
}

// Under a temporary name first: a reader never meets half a file, nor the half of a writer that was killed.
void write_file(const std::string& path, std::string_view digest, std::string_view bytes) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = mkstemp(temporary.data());
  if (descriptor < 0) return;
  bool written = true;
  for (const auto part : {digest, bytes})
    for (std::size_t done = 0; written && done < part.size();) {
      const auto count = ::write(descriptor, part.data() + done, part.size() - done);
      written = count > 0;
      if (written) done += static_cast<std::size_t>(count);
    }
  written = ::close(descriptor) == 0 && written;
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) ::unlink(temporary.c_str());
}

}  // namespace

DatabaseCache::DatabaseCache(std::string folder) : folder_(std::move(folder)) {
  if (folder_.empty()) return;
  engine_ = engine_info();
  std::error_code ignored;
  if (std::filesystem::create_directories(folder_, ignored))  // what is in it is executed, in a way: ours alone
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
  if (engine_.empty()) folder_.clear();
}

std::string DatabaseCache::path_of(std::span<const Expression> content) const {
  const auto digest = digest_of(key_of(engine_, content));
  std::array<char, 2 * sizeof(Digest) + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return folder_ + "/" + hex.data() + ".hsdb";
}

DatabasePtr DatabaseCache::load(std::span<const Expression> content) const {
  if (folder_.empty()) return nullptr;
  const auto path = path_of(content);
  const auto file = read_file(path);
  if (!file || file->size() <= sizeof(Digest)) return nullptr;
  const auto bytes = std::string_view(*file).substr(sizeof(Digest));
  const auto digest = digest_of(bytes);
  if (std::memcmp(file->data(), digest.data(), digest.size()) != 0) return nullptr;
  hs_database_t* raw = nullptr;
  if (hs_deserialize_database(bytes.data(), bytes.size(), &raw) != HS_SUCCESS) return nullptr;
  DatabasePtr database(raw);
  if (info_of(*database) != engine_) return nullptr;
  std::error_code ignored;
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), ignored);  // used today
  return database;
}

void DatabaseCache::store(std::span<const Expression> content, const hs_database_t& database) const {
  if (folder_.empty()) return;
  char* serialized = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(&database, &serialized, &size) != HS_SUCCESS) return;
  const std::string_view bytes(serialized, size);
  const auto digest = digest_of(bytes);
  write_file(path_of(content), {reinterpret_cast<const char*>(digest.data()), digest.size()}, bytes);
  std::free(serialized);
}

void DatabaseCache::forget_unused() const {
  namespace fs = std::filesystem;
  if (folder_.empty()) return;
  const auto oldest = fs::file_time_type::clock::now() - std::chrono::days(30);
  std::error_code fault;
  fs::directory_iterator entry(folder_, fault);
  for (const fs::directory_iterator end; !fault && entry != end; entry.increment(fault)) {
    std::error_code ignored;
    const auto used = entry->last_write_time(ignored);
    if (!ignored && used < oldest && entry->path().extension() == ".hsdb") fs::remove(entry->path(), ignored);
  }
}

}  // namespace wardline::classify
