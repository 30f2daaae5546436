#pragma once
// Follows symbolic links without the kernel's help: one name at a time, never out of the source.

#include <toolkit/base/result.hpp>
#include <toolkit/store/store.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::selection {

struct Resolved {
  std::string key;      // where it really lies
  store::Entry entry;   // never a link
  std::string trouble;  // why it cannot be followed, in words; else empty
};

class LinkResolver {
 public:
  /// `root`: the absolute path of the source's root, or empty. `inside`: the directory that must
  /// not be left. The store is borrowed.
  LinkResolver(store::Store& store, const std::string& root, const std::string& inside);
  /// The link `key`, whose directory has no link in its own key. An error is one of the store's.
  [[nodiscard]] Result<Resolved> follow(const std::string& key);

 private:
  Result<void> read(const std::string& key);
  Result<void> step(const std::string& name);
  [[nodiscard]] std::string here() const;

  store::Store& store_;
  std::string root_;
  std::vector<std::string> inside_;
  std::vector<std::string> place_;    // the names of where we are
  std::vector<std::string> pending_;  // the names that are still to be gone, the last one first
  Resolved found_;
  int links_ = 0;
};

}  // namespace toolkit::selection
