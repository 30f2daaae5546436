#include "rotated.hpp"

#include "generation.hpp"
#include "rotation.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::sync {
namespace {

std::string name_in(const std::string& key) { return key.substr(key.rfind('/') + 1); }

Result<bool> still_has(Source& source, const std::string& open_by, const FileRecord& record) {
  TRY_ASSIGN(const auto content, source.store->open(open_by, false));
  TRY_ASSIGN(const bool same_head, has_head(*content, record.head));
  if (!same_head) {
    return false;
  }
  return has_marker(*content, record.proven, record.marker);
}

// What is there under that name goes the way of every old generation first.
Result<void> make_room(Session& session, const std::string& key) {
  store::Store& destination = *session.places.destination;
  TRY_ASSIGN(const std::string aside, name_for_old(destination, key));
  if (!session.options.transfer.dry_run) {
    TRY(destination.rename(key, aside));
  }
  session.ledger.forget(key);
  session.tally.file({Action::kept, aside, 0, fmt::format("{} got another file", key)});
  return {};
}

Result<void> rename(Session& session, const Rename& step, Listing* listing) {
  if (step.over) {
    TRY(make_room(session, step.to));
  }
  if (!session.options.transfer.dry_run) {
    TRY(session.places.destination->rename(step.from, step.to));
  }
  session.ledger.renamed(step.from, step.to);
  session.held.renamed(step.from, step.to);
  session.tally.file({Action::renamed, step.to, 0, fmt::format("was {}", step.from)});
  if (listing != nullptr) {
    listing->rename(name_in(step.from), name_in(step.to));
  }
  return {};
}

// Nothing has become of any of them: each has its name, and no less in it than is proven. Both are
// sorted by key.
bool are_as_recorded(const std::vector<FileRecord>& records,
                     const std::vector<selection::Found>& files) {
  auto file = files.begin();
  return std::ranges::all_of(records, [&](const FileRecord& record) {
    while (file != files.end() && file->key < record.key) {
      ++file;
    }
    return file != files.end() && file->key == record.key &&
           file->entry.identity == record.identity && file->entry.size >= record.proven;
  });
}

}  // namespace

void follow_renames(Session& session, Source& source, const std::string& directory,
                    const std::vector<selection::Found>& files, Listing* listing) {
  if (!source.renamed.empty() || !session.places.destination->capabilities().rename) {
    return;
  }
  const auto records = session.ledger.in_directory(directory);
  if (are_as_recorded(records, files)) {
    return;
  }
  std::vector<Listed> listed;
  listed.reserve(files.size());
  for (const selection::Found& file : files) {
    listed.push_back({file.key, file.entry.identity, file.entry.size});
  }
  const auto opens_by = [&](const std::string& key) {
    const auto found =
        std::ranges::find_if(files, [&](const selection::Found& file) { return file.key == key; });
    return found == files.end() ? key : found->real;
  };
  const auto rotation =
      judge_rotation(records, listed, [&](const std::string& key, const FileRecord& record) {
        return still_has(source, opens_by(key), record);
      });
  if (!rotation) {
    log_debug("renames cannot be followed: {}", rotation.error().message);
    return;
  }
  for (const Rename& step : rotation->renames) {
    if (const auto done = rename(session, step, listing); !done) {
      log_debug("{} is sent anew: {}", step.to, done.error().message);
      return;  // the next one would take the name that this one has not left
    }
  }
}

}  // namespace toolkit::sync
