#pragma once
// What the destination has in one directory, by name.

#include <toolkit/store/store.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::sync {

class Listing {
 public:
  Listing() = default;
  /// As a store lists them: sorted by name.
  explicit Listing(std::vector<store::Entry> entries) : entries_(std::move(entries)) {}

  /// Null where there is no such name. Until the next rename().
  [[nodiscard]] const store::Entry* find(std::string_view name) const;
  /// What `to` was is no more. Nothing where there is no `from`.
  void rename(std::string_view from, const std::string& to);

 private:
  std::vector<store::Entry> entries_;
};

}  // namespace toolkit::sync
