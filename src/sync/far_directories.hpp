#pragma once
// The directories of the destination: what is in them, and that they are there.

#include "listing.hpp"
#include "session.hpp"

#include <toolkit/selection/pruner.hpp>

#include <string>

namespace toolkit::sync {

class FarDirectories {
 public:
  explicit FarDirectories(Session& session)
      : session_(session), can_make_(session.places.destination->capabilities().directories) {}

  /// False: there is no such directory.
  [[nodiscard]] Result<bool> list(const std::string& key, Listing& listing);
  /// Each as it is met; with --prune-empty-dirs those in which something is to be kept.
  void make(const selection::Directory& directory, bool is_there);

 private:
  void make_one(const std::string& key);

  Session& session_;
  bool can_make_;
  selection::Pruner pruner_;
};

}  // namespace toolkit::sync
