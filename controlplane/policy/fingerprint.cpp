#include "controlplane/policy/fingerprint.h"

#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "controlplane/policy/yaml_reader.h"

namespace wardline::policy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 20'000;

bool yaml(const fs::path& path) {
  return path.extension() == ".yaml";
}

enum class Place { kPolicy, kStray, kOther };

// What a file is by its path. Only signatures may lie deeper than one folder.
Place place_of(const fs::path& relative) {
  const auto parts = std::distance(relative.begin(), relative.end());
  const std::string top = relative.begin()->string();
  const bool known_folder =
      top == "signatures" || (parts == 2 && (top == "classes" || top == "fingerprints" || top == "tests"));
  const bool known_file = parts == 1 && (top == "site.yaml" || top == "devices.yaml");
  if (yaml(relative) && (known_file || (parts > 1 && known_folder))) return Place::kPolicy;
  const auto extension = relative.extension();
  return extension == ".yaml" || extension == ".yml" ? Place::kStray : Place::kOther;
}

}  // namespace

std::vector<std::string> policy_files(const std::string& directory, Errors& errors) {
  std::vector<std::string> files;
  std::error_code fault;
  fs::recursive_directory_iterator entry(directory, fs::directory_options::follow_directory_symlink, fault);
  for (const fs::recursive_directory_iterator end; !fault && entry != end && files.size() < kMaxFiles;
       entry.increment(fault)) {
    const auto relative = entry->path().lexically_relative(directory);
    if (entry->path().filename().string().starts_with('.')) {  // .git and the like
      entry.disable_recursion_pending();
      continue;
    }
    if (entry.depth() > 8) entry.disable_recursion_pending();  // a link that leads back up
    if (entry->is_directory(fault)) continue;
    const auto place = place_of(relative);
    if (place == Place::kPolicy) files.push_back(relative.string());
    if (place == Place::kStray)
      errors.push_back({"policy.stray-file", relative.string() + ":1:1",
                        "this file has no place in a policy: there are site.yaml, devices.yaml, classes/NAME.yaml, "
                        "fingerprints/NAME.yaml, signatures/**.yaml and tests/NAME.yaml"});
  }
  if (fault) errors.push_back({"policy.directory", directory, "cannot be read: " + fault.message()});
  std::ranges::sort(files);
  return files;
}

std::size_t most_bytes(std::string_view file) {
  return file == "devices.yaml" ? kMostRegisterBytes : kMostFileBytes;
}

std::array<std::uint8_t, 32> fingerprint(const std::string& directory, const std::vector<std::string>& files) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  const auto add = [&](std::string_view bytes) {
    const auto length = fmt::format("{}:", bytes.size());  // so that no two lists of files have the same bytes
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(length.data()), length.size());
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  };
  for (const auto& file : files) {
    const auto path = fs::path(directory) / file;
    std::error_code fault;
    std::string bytes;
    // Larger ones are refused when they are read.
    if (const auto size = fs::file_size(path, fault); !fault && size <= most_bytes(file)) {
      std::ifstream in(path, std::ios::binary);
      bytes.resize(size);
      in.read(bytes.data(), static_cast<std::streamsize>(size));
      bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    }
    add(file);
    add(bytes);
  }
  std::array<std::uint8_t, 32> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

std::string hex(const std::array<std::uint8_t, 32>& digest) {
  std::string text;
  for (const auto byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace wardline::policy
