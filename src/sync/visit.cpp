#include "visit.hpp"

#include "compare.hpp"
#include "own_files.hpp"
#include "rotated.hpp"

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

Result<void> Visitor::visit(Source& source, selection::Directory directory) {
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
  for (selection::Found& found : directory.files) {
    consider(source, std::move(found), listing);
  }
  return {};
}

void Visitor::consider(Source& source, selection::Found found, const Listing& listing) {
  if (is_own_file(found.entry.name)) {
    session_.tally.file({Action::left_out, found.key, 0, "a file of a sync itself"});
    return;
  }
  const std::string& destination = source.renamed.empty() ? found.key : source.renamed;
  if (is_taken(destination) || is_no_file(source, found)) {
    return;
  }
  session_.held.met(destination);
  if (trusting_ && options_.seen->unchanged(destination, found.entry)) {
    leave_as_it_is(destination, found.entry, "as it was");
    return;
  }
  const bool look_first = trusting_ || !source.renamed.empty();
  const store::Entry* const there = look_first ? nullptr : listing.find(found.entry.name);
  if (there != nullptr && is_unchanged(destination, found.entry, *there)) {
    crew_.note(destination, found.entry);
    leave_as_it_is(destination, found.entry, "same size and time");
    return;
  }
  Task task;
  task.source = source.store.get();
  task.destination = destination;
  task.open_by = std::move(found.real);
  task.look_first = look_first;
  task.growing =
      session_.options.transfer.all_growing || session_.growing.matches(found.entry.name);
  task.entry = std::move(found.entry);
  if (there != nullptr) {
    task.there = *there;
  }
  const std::uint64_t begun = task.growing && task.there ? task.there->size : 0;
  session_.tally.found(task.entry.size, task.entry.size > begun ? task.entry.size - begun : 0);
  crew_.add(std::move(task));
}

void Visitor::leave_as_it_is(const std::string& destination, const store::Entry& entry,
                             const char* why) {
  session_.tally.found(entry.size, 0);
  session_.tally.file({Action::unchanged, destination, 0, why});
}

// The same name from two sources: two threads would write one file.
bool Visitor::is_taken(const std::string& destination) {
  if (session_.places.sources.size() == 1 || names_.insert(destination)) {
    return false;
  }
  session_.tally.problem(destination,
                         {ErrorKind::failed,
                          fmt::format("{} comes from more than one SRC",
                                      session_.places.destination->name_of(destination)),
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

bool Visitor::is_unchanged(const std::string& destination, const store::Entry& entry,
                           const store::Entry& there) const {
  if (session_.options.transfer.checksum) {
    return false;
  }
  return can_.times ? looks_unchanged(entry, there)
                    : session_.ledger.was_sent(destination, entry, there);
}

}  // namespace toolkit::sync
