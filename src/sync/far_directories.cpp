#include "far_directories.hpp"

#include "retry.hpp"

namespace toolkit::sync {

Result<bool> FarDirectories::list(const std::string& key, Listing& listing) {
  bool is_there = true;
  const auto listed = with_retries(
      session_.options.transfer, session_.halt,
      [&](const Error& error, Milliseconds pause) { session_.tally.retry(key, error, pause); },
      [&]() -> Result<void> {
        auto entries = session_.places.destination->list(key);
        if (!entries && entries.error().kind == ErrorKind::not_found) {
          is_there = false;
          return {};
        }
        if (!entries) {
          return Failure(std::move(entries).error());
        }
        listing = Listing(std::move(*entries));
        return {};
      });
  TRY(listed);
  return is_there;
}

void FarDirectories::make(const selection::Directory& directory, bool is_there) {
  std::vector<std::string> wanted;
  if (session_.options.selection.prune_empty_directories) {
    wanted = pruner_.needed(directory);
  } else if (!is_there) {
    wanted.push_back(directory.key);
  }
  if (is_there) {
    std::erase(wanted, directory.key);
  }
  for (const std::string& key : wanted) {
    make_one(key);
  }
}

void FarDirectories::make_one(const std::string& key) {
  if (session_.options.transfer.dry_run || !can_make_ ||
      !session_.made_directories.insert(key).second) {
    return;
  }
  if (const auto made = session_.places.destination->make_directory(key); !made) {
    session_.made_directories.erase(key);
    session_.tally.problem(key, made.error());
  }
}

}  // namespace toolkit::sync
