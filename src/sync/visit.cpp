#include "visit.hpp"

#include "compare.hpp"
#include "own_files.hpp"

#include <fmt/core.h>

namespace toolkit::sync {
namespace {

// Else it is the trouble of one directory, and the others are sent.
bool concerns_all(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::interrupted;
}

}  // namespace

Visitor::Visitor(Session& session, const PassOptions& options, Crew& crew)
    : session_(session),
      options_(options),
      crew_(crew),
      can_(session.places.destination->capabilities()),
      trusting_(options.seen != nullptr && !options.seen->empty()),
      directories_(session) {}

Result<void> Visitor::visit(Source& source, const selection::Directory& directory) {
  if (options_.events != nullptr) {
    options_.events->watch(source.store->name_of(directory.key));
  }
  bool is_there = true;
  Listing listing;
  if (!trusting_) {
    auto listed = directories_.list(directory.key, listing);
    if (!listed && concerns_all(listed.error())) {
      return Failure(std::move(listed).error());
    }
    if (!listed) {
      session_.tally.problem(directory.key, listed.error());
      return {};
    }
    is_there = *listed;
  }
  directories_.make(directory, is_there && !trusting_);
  follow_renames(session_, source, directory.key, directory.files, trusting_ ? nullptr : &listing);
  for (const selection::Found& found : directory.files) {
    consider(source, found, listing);
  }
  return {};
}

void Visitor::consider(Source& source, const selection::Found& found, const Listing& listing) {
  if (is_own_file(found.entry.name)) {
    session_.tally.file({Action::left_out, found.key, 0, "a file of a sync itself"});
    return;
  }
  Task task{source.store.get(),
            found.real,
            source.renamed.empty() ? found.key : source.renamed,
            found.entry,
            std::nullopt,
            trusting_ || !source.renamed.empty(),
            session_.options.transfer.all_growing || session_.growing.matches(found.entry.name),
            std::nullopt};
  if (is_taken(task) || is_no_file(source, found)) {
    return;
  }
  session_.held.met(task.destination);
  if (trusting_ && options_.seen->unchanged(task.destination, found.entry)) {
    session_.tally.found(found.entry.size, 0);
    session_.tally.file({Action::unchanged, task.destination, 0, "as it was"});
    return;
  }
  if (const auto entry = listing.find(task.entry.name);
      !task.look_first && entry != listing.end()) {
    task.there = entry->second;
  }
  if (is_unchanged(task)) {
    session_.tally.found(found.entry.size, 0);
    crew_.note(task);
    session_.tally.file({Action::unchanged, task.destination, 0, "same size and time"});
    return;
  }
  const std::uint64_t there = task.growing && task.there ? task.there->size : 0;
  session_.tally.found(found.entry.size, found.entry.size > there ? found.entry.size - there : 0);
  crew_.add(std::move(task));
}

// The same name from two sources: two threads would write one file.
bool Visitor::is_taken(const Task& task) {
  if (session_.places.sources.size() == 1 || names_.insert(task.destination)) {
    return false;
  }
  session_.tally.problem(task.destination,
                         {ErrorKind::failed,
                          fmt::format("{} comes from more than one SRC",
                                      session_.places.destination->name_of(task.destination)),
                          "give each SRC a DEST of its own", 0});
  return true;
}

// It was a file when DEST was taken for its new name.
bool Visitor::is_no_file(const Source& source, const selection::Found& found) {
  if (source.renamed.empty() || found.key == source.only) {
    return false;
  }
  session_.tally.problem(found.key,
                         {ErrorKind::failed,
                          fmt::format("{} was a file when this sync began, and is a directory now",
                                      source.store->name_of(source.only)),
                          "start it again", 0});
  return true;
}

bool Visitor::is_unchanged(const Task& task) const {
  if (task.look_first || session_.options.transfer.checksum) {
    return false;
  }
  return can_.times ? looks_unchanged(task.entry, task.there)
                    : session_.ledger.was_sent(task.destination, task.entry, task.there);
}

}  // namespace toolkit::sync
