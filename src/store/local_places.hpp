#pragma once
// The directories of some files that are dealt with together: each is looked up once, and held as
// long as this.

#include "local_tree.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace toolkit::store {

using SharedFd = std::shared_ptr<const UniqueFd>;

class LocalPlaces {
 public:
  /// Of a file: opens the directory that it lies in.
  using Open = std::function<OrErrno<UniqueFd>(const std::string& key)>;

  /// The directory of `key`, by `open` when it is the first file there.
  [[nodiscard]] OrErrno<SharedFd> directory_of(const std::string& key, const Open& open);
  [[nodiscard]] const std::map<std::string, SharedFd>& all() const { return places_; }

 private:
  std::map<std::string, SharedFd> places_;  // by their keys
};

}  // namespace toolkit::store
