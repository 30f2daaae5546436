#pragma once
// A file that the walk has found, and what is known of it at the destination.

#include <toolkit/store/store.hpp>

#include <optional>
#include <string>

namespace toolkit::sync {

/// Up to this a file is small: it is sent in company, and may be held in memory.
constexpr std::uint64_t kSmallFile = 65'536;

struct Task {
  store::Store* source = nullptr;
  std::string open_by;      // its key at the source
  std::string destination;  // its key at the destination, and its name in messages
  store::Entry entry;       // as the walk saw it
  std::optional<store::Entry> there;
  bool look_first = false;  // nobody has looked yet what is there
  bool growing = false;
  std::optional<std::uint64_t> grew_from;  // what was there before the first try
};

}  // namespace toolkit::sync
