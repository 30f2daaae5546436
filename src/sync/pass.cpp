#include "pass.hpp"

#include "batch.hpp"
#include "compare.hpp"
#include "own_files.hpp"
#include "retry.hpp"
#include "rotated.hpp"
#include "rule_reader.hpp"
#include "transfer.hpp"
#include "work_queue.hpp"

#include <toolkit/selection/pruner.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <future>
#include <unordered_set>

namespace toolkit::sync {
namespace {

using Job = std::vector<Task>;

class Pass {
 public:
  Pass(Session& session, const PassOptions& options)
      : session_(session),
        options_(options),
        can_(session.places.destination->capabilities()),
        trusting_(options.seen != nullptr && !options.seen->empty()),
        made_(session.made_directories),
        queue_(threads(), [this](Job& job) { work(job); }) {}

  Result<void> run() {
    session_.held.begin_walk();
    const Result<void> walked = walk_all();
    flush_batch();
    hand_over_held_back();
    session_.tally.all_found();
    queue_.finish();
    if (walked && !session_.halt.ending()) {
      finish_missed();
    }
    return walked;
  }

 private:
  [[nodiscard]] std::size_t threads() const {
    return std::max<std::size_t>(1, session_.options.transfer.jobs.value_or(can_.streams));
  }

  Result<void> walk_all() {
    for (Source& source : session_.places.sources) {
      if (is_here(source)) {
        TRY(walk(source));
      }
    }
    return {};
  }

  // Who follows may be there before the source is; at the end it must have come.
  bool is_here(Source& source) {
    if (options_.seen == nullptr || options_.last || !source.only.empty()) {
      return true;
    }
    const auto listed = source.store->list("");
    return listed || listed.error().kind != ErrorKind::not_found;
  }

  Result<void> walk(Source& source) {
    RuleFiles rule_files(source.store.get());
    const auto walk = selection::Walk::of(*source.store, *session_.filter, rule_files,
                                          walk_options(source, session_.options.selection));
    if (session_.options.transfer.dry_run) {
      walk->tell = [this](const selection::LeftOut& left_out) {
        session_.tally.file({Action::left_out, left_out.key, 0, left_out.why});
      };
    }
    // The next directory is read while this one is compared. A dry run tells things in their order.
    // Where no thread can be made it is read when it is wanted.
    const auto how = session_.options.transfer.dry_run ? std::launch::deferred
                                                       : std::launch::async | std::launch::deferred;
    const auto look_ahead = [&] { return std::async(how, [&] { return walk->next(); }); };
    auto ahead = look_ahead();
    while (!session_.halt.ending()) {
      auto directory = ahead.get();
      ahead = directory && !*directory ? decltype(ahead)() : look_ahead();
      if (!directory) {
        session_.tally.problem("", directory.error());
        continue;
      }
      if (!*directory) {
        return {};
      }
      TRY(visit(source, **directory));
    }
    if (session_.halt.abandoned()) {  // nobody knows what else there is
      session_.tally.problem("", {ErrorKind::interrupted,
                                  fmt::format("the time was over before all of {} was looked at",
                                              source.store->name_of(source.only)),
                                  "", 0});
    }
    return {};
  }

  Result<void> visit(Source& source, const selection::Directory& directory) {
    if (options_.events != nullptr) {
      options_.events->watch(source.store->name_of(directory.key));
    }
    bool is_there = true;
    Listing listing;
    if (!trusting_) {
      auto listed = list(directory.key, listing);
      if (!listed && concerns_all(listed.error())) {
        return Failure(std::move(listed).error());
      }
      if (!listed) {
        session_.tally.problem(directory.key, listed.error());
        return {};
      }
      is_there = *listed;
    }
    make_directories(directory, is_there);
    follow_renames(session_, source, directory.key, directory.files,
                   trusting_ ? nullptr : &listing);
    for (const selection::Found& found : directory.files) {
      consider(source, found, listing);
    }
    return {};
  }

  // Else it is the trouble of one directory, and the others are sent.
  static bool concerns_all(const Error& error) {
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::interrupted;
  }

  // False: there is no such directory.
  Result<bool> list(const std::string& key, Listing& listing) {
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
          for (store::Entry& entry : *entries) {
            std::string name = entry.name;
            listing.emplace(std::move(name), std::move(entry));
          }
          return {};
        });
    TRY(listed);
    return is_there;
  }

  // Each as it is met; with --prune-empty-dirs those in which something is to be kept.
  void make_directories(const selection::Directory& directory, bool is_there) {
    std::vector<std::string> wanted;
    if (session_.options.selection.prune_empty_directories) {
      wanted = pruner_.needed(directory);
    } else if (!is_there || trusting_) {
      wanted.push_back(directory.key);
    }
    if (is_there && !trusting_) {
      std::erase(wanted, directory.key);
    }
    for (const std::string& key : wanted) {
      make_directory(key);
    }
  }

  void make_directory(const std::string& key) {
    if (session_.options.transfer.dry_run || !can_.directories || !made_.insert(key).second) {
      return;
    }
    if (const auto made = session_.places.destination->make_directory(key); !made) {
      made_.erase(key);
      session_.tally.problem(key, made.error());
    }
  }

  void consider(Source& source, const selection::Found& found, const Listing& listing) {
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
      note(task);
      session_.tally.file({Action::unchanged, task.destination, 0, "same size and time"});
      return;
    }
    const std::uint64_t there = task.growing && task.there ? task.there->size : 0;
    session_.tally.found(found.entry.size, found.entry.size > there ? found.entry.size - there : 0);
    schedule(std::move(task));
  }

  // The same name from two sources: two threads would write one file.
  bool is_taken(const Task& task) {
    if (session_.places.sources.size() == 1 || names_.insert(task.destination).second) {
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
  bool is_no_file(const Source& source, const selection::Found& found) {
    if (source.renamed.empty() || found.key == source.only) {
      return false;
    }
    session_.tally.problem(
        found.key, {ErrorKind::failed,
                    fmt::format("{} was a file when this sync began, and is a directory now",
                                source.store->name_of(source.only)),
                    "start it again", 0});
    return true;
  }

  bool is_unchanged(const Task& task) {
    if (task.look_first || session_.options.transfer.checksum) {
      return false;
    }
    return can_.times ? looks_unchanged(task.entry, task.there)
                      : session_.ledger.was_sent(task.destination, task.entry, task.there);
  }

  void schedule(Task task) {
    if (options_.last) {
      held_back_.push_back(std::move(task));
    } else if (fits_a_batch(task, can_) && !session_.options.transfer.dry_run) {
      batch_.push_back(std::move(task));
      if (batch_.size() >= can_.batch) {
        flush_batch();
      }
    } else {
      queue_.add(Job{std::move(task)});
    }
  }

  void flush_batch() {
    if (!batch_.empty()) {
      queue_.add(std::exchange(batch_, {}));
    }
  }

  // The last words first: they say why the job died.
  void hand_over_held_back() {
    std::ranges::stable_sort(held_back_, [](const Task& one, const Task& other) {
      return one.growing != other.growing ? one.growing : one.entry.mtime > other.entry.mtime;
    });
    for (Task& task : held_back_) {
      queue_.add(Job{std::move(task)});
    }
    held_back_.clear();
  }

  void work(Job& job) {
    if (session_.halt.last_is_next()) {
      return;  // which begins with what is most important
    }
    if (session_.halt.abandoned()) {
      for (const Task& task : job) {
        session_.tally.problem(task.destination, out_of_time(task));
      }
      return;
    }
    const auto done = [this](const Task& task) { note(task); };
    if (job.size() > 1) {
      transfer_batch(session_, job, done);
    } else {
      for (Task& task : job) {
        transfer(session_, task, done);
      }
    }
  }

  // Files that were deleted, or renamed to a name that is left out: what they got last.
  void finish_missed() {
    for (Held::File& file : session_.held.take_missed()) {
      const auto still = file.task.source->stat(file.task.open_by);
      if (!still) {  // it cannot be seen whether it is gone
        session_.held.keep(std::move(file));
      } else if (!*still || (*still)->identity != file.content->entry().identity) {
        finish_old(session_, std::move(file));
      }
    }
  }

  [[nodiscard]] Error out_of_time(const Task& task) const {
    return {ErrorKind::interrupted,
            fmt::format("{} was not begun when the time was over",
                        session_.places.destination->name_of(task.destination)),
            "", 0};
  }

  void note(const Task& task) {
    if (options_.seen != nullptr) {
      options_.seen->note(task.destination, task.entry);
    }
  }

  Session& session_;
  const PassOptions& options_;
  store::Capabilities can_;
  bool trusting_;
  std::unordered_set<std::string> names_;  // of all sources, when there are several
  std::unordered_set<std::string>& made_;  // directories, by all passes
  selection::Pruner pruner_;
  Job batch_;
  Job held_back_;
  WorkQueue<Job> queue_;
};

}  // namespace

Result<void> run_pass(Session& session, const PassOptions& options) {
  return Pass(session, options).run();
}

}  // namespace toolkit::sync
