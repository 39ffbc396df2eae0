#include <git2.h>

#include <filesystem>
#include <memory>

#include "controlplane/policy/fingerprint.h"

namespace wardline::policy {
namespace {

template <typename T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* value) const { kFree(value); }
};
using Repository = std::unique_ptr<git_repository, Freed<git_repository, git_repository_free>>;
using Reference = std::unique_ptr<git_reference, Freed<git_reference, git_reference_free>>;
using StatusList = std::unique_ptr<git_status_list, Freed<git_status_list, git_status_list_free>>;

struct Library {
  Library() {
    git_libgit2_init();
    // The daemon reads a work tree that another user keeps. Nothing that the tree configures is ever run here.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  }
  ~Library() { git_libgit2_shutdown(); }
};

Repository open(const std::string& directory) {
  git_repository* found = nullptr;
  git_repository_open_ext(&found, directory.c_str(), 0, nullptr);
  return Repository(found);
}

std::optional<std::string> head_of(git_repository* repository) {
  git_reference* raw = nullptr;
  if (git_repository_head(&raw, repository) != 0) return std::nullopt;
  const Reference head(raw);
  const git_oid* id = git_reference_target(head.get());
  if (id == nullptr) return std::nullopt;
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, id);
}

// Untracked and ignored YAML files count as well: they are loaded, and HEAD does not have them.
bool dirty(git_repository* repository, const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code fault;
  const auto root = fs::canonical(git_repository_workdir(repository), fault);
  auto below = fs::canonical(directory, fault).lexically_relative(root).string();
  if (fault) return true;
  if (below == ".") below.clear();
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                  GIT_STATUS_OPT_INCLUDE_IGNORED | GIT_STATUS_OPT_RECURSE_IGNORED_DIRS |
                  GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
  char* path = below.data();
  if (!below.empty()) options.pathspec = {&path, 1};
  git_status_list* raw = nullptr;
  if (git_status_list_new(&raw, repository, &options) != 0) return true;
  const StatusList list(raw);
  for (std::size_t i = 0; i < git_status_list_entrycount(list.get()); ++i) {
    const git_status_entry* entry = git_status_byindex(list.get(), i);
    const git_diff_delta* delta = entry->index_to_workdir != nullptr ? entry->index_to_workdir : entry->head_to_index;
    if (entry->status == GIT_STATUS_CURRENT || delta == nullptr || delta->new_file.path == nullptr) continue;
    if (std::string_view(delta->new_file.path).ends_with(".yaml")) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> commit_of(const std::string& directory) {
  const Library library;
  const auto repository = open(directory);
  if (!repository || git_repository_is_bare(repository.get()) != 0) return std::nullopt;
  auto head = head_of(repository.get());
  if (head && dirty(repository.get(), directory)) *head += "-dirty";
  return head;
}

}  // namespace wardline::policy
