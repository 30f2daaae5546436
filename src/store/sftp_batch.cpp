// Many small files at once: each is opened, written and renamed in three steps, and the steps of
// some hundred files are under way together, so that a round trip is paid once for all of them. A
// server spends more on each request than on 4 KiB of bytes: a file that is to grow is made under
// its own name, by one request less.
#include "sftp_path.hpp"
#include "sftp_store.hpp"

#include <algorithm>
#include <deque>
#include <functional>

namespace toolkit::store {

using namespace sftp;

namespace {

// Files in each step at once. A server that goes by the order has just as many open, and OpenSSH
// allows some thousand of them to all threads together, of which there are eight.
constexpr std::size_t kMostInStep = 100;
constexpr std::size_t kShareOfHandles = 10;

// What waits for answers of one file. `index` is its place in the call.
struct Step {
  std::size_t index;
  std::string path;  // of the draft; of the file itself where it may be seen as it grows
  bool is_draft;
  std::string handle;
  std::vector<Ticket> open;
};

class Batch {
 public:
  using MakePath = std::function<Answer<void>(const std::string& path)>;
  using Announce = std::function<void(const std::string& path)>;

  Batch(Session& session, std::span<const Target> targets, std::span<Content* const> contents,
        Flow& flow, std::vector<Result<void>>& results)
      : session_(session), targets_(targets), contents_(contents), flow_(flow), results_(results) {}

  std::function<std::string(const std::string& key)> path_of;
  Announce announce;   // sends MKDIRs for what may be missing, and does not wait
  MakePath make_path;  // makes sure
  std::function<Failure(const std::string& key, const Fault& fault)> failure;
  std::function<Answer<void>(const std::string& from, const std::string& to)> replace_slowly;

  void run() {
    const std::size_t depth =
        std::clamp<std::size_t>(session_.sizes().handles / kShareOfHandles, 4, kMostInStep);
    for (std::size_t i = 0; i < targets_.size() || !is_idle(); ++i) {
      const bool more = i < targets_.size();
      if (more) {
        open(i);
      }
      if (!opening_.empty() && (!more || opening_.size() > depth)) {
        write(take(opening_));
      }
      if (!writing_.empty() && (!more || writing_.size() > depth)) {
        rename(take(writing_));
      }
      if (!renaming_.empty() && (!more || renaming_.size() > depth)) {
        finish(take(renaming_));
      }
    }
  }

 private:
  [[nodiscard]] bool is_idle() const {
    return opening_.empty() && writing_.empty() && renaming_.empty();
  }
  static Step take(std::deque<Step>& queue) {
    Step step = std::move(queue.front());
    queue.pop_front();
    return step;
  }

  // EXCLUSIVE: what is there after all is not ours to write over, and a new file has no bytes.
  Ticket open_new(const Target& target, const std::string& path) {
    Attributes attributes;
    attributes.mode = target.mode != 0 ? target.mode & 07777 : 0644U;
    return session_.open(path, kWrite | kCreate | kExclusive, attributes);
  }

  void open(std::size_t index) {
    const Target& target = targets_[index];
    std::string path = path_of(target.key);
    announce(parent_of(path));
    // Others do not mean it by EXCLUSIVE, or do requests out of order.
    const bool is_draft = !target.growing || !session_.skills().is_openssh();
    Step step{index, is_draft ? temporary_beside(path) : std::move(path), is_draft, {}, {}};
    step.open.push_back(open_new(target, step.path));
    opening_.push_back(std::move(step));
  }

  void write(Step step) {
    const Target& target = targets_[step.index];
    auto handle = wait_handle(step.open[0]);
    if (!handle && handle.error().is(Status::no_such_file) && make_path(parent_of(step.path))) {
      step.open[0] = open_new(target, step.path);
      handle = wait_handle(step.open[0]);
    }
    if (!handle) {
      results_[step.index] = failure(target.key, handle.error());
      return;
    }
    step.open.clear();
    step.handle = std::move(*handle);
    const auto sent = send_bytes(step);
    if (!sent) {
      results_[step.index] = Failure(sent.error());
    } else if (session_.skills().is_openssh()) {
      step.open.push_back(session_.set(Type::fsetstat, step.handle, attributes_of(target)));
      step.open.push_back(session_.close(step.handle));
    }
    writing_.push_back(std::move(step));
  }

  Result<void> send_bytes(Step& step) {
    const Target& target = targets_[step.index];
    for (std::uint64_t offset = 0; offset < target.size;) {
      Request request(Type::write);
      request.text(step.handle).big_number(offset);
      const auto room = request.data(static_cast<std::size_t>(
          std::min<std::uint64_t>(target.size - offset, session_.sizes().write)));
      TRY_ASSIGN(const std::size_t count, contents_[step.index]->read(offset, room));
      if (count == 0) {
        return fail(ErrorKind::conflict,
                    "cannot write " + target.key + ": the source has become shorter");
      }
      request.cut_data(count);
      TRY(flow_.pass(count));
      step.open.push_back(session_.send(std::move(request)));
      offset += count;
    }
    return contents_[step.index]->confirm();
  }

  // Waits for all of `open`; the first fault is the file's.
  bool settle(Step& step) {
    for (Ticket& ticket : step.open) {
      const auto done = wait_done(ticket);
      if (!done && results_[step.index]) {
        results_[step.index] = failure(targets_[step.index].key, done.error());
      }
    }
    step.open.clear();
    return results_[step.index].has_value();
  }

  // Only what is surely whole gets the name.
  void rename(Step step) {
    const bool is_closed = session_.skills().is_openssh() && results_[step.index];
    bool good = settle(step);
    if (!is_closed) {
      // Others may do requests out of order: the time is set when the bytes are there.
      step.open.push_back(
          session_.set(Type::fsetstat, step.handle, attributes_of(targets_[step.index])));
      step.open.push_back(session_.close(step.handle));
      good = settle(step);
    }
    if (!step.is_draft) {
      return;
    }
    if (!good) {
      (void)session_.ask(Type::remove, step.path);
      return;
    }
    step.open.push_back(session_.rename(step.path, path_of(targets_[step.index].key)));
    renaming_.push_back(std::move(step));
  }

  void finish(Step step) {
    auto done = wait_done(step.open[0]);
    if (!done && done.error().is(Status::failure) && !session_.skills().posix_rename) {
      done = replace_slowly(step.path, path_of(targets_[step.index].key));
    }
    if (!done) {
      results_[step.index] = failure(targets_[step.index].key, done.error());
      (void)session_.ask(Type::remove, step.path);
    }
  }

  Session& session_;
  std::span<const Target> targets_;
  std::span<Content* const> contents_;
  Flow& flow_;
  std::vector<Result<void>>& results_;
  std::deque<Step> opening_, writing_, renaming_;
};

}  // namespace

std::vector<Result<void>> SftpStore::put_many(std::span<const Target> targets,
                                              std::span<Content* const> contents, Flow& flow) {
  std::vector<Result<void>> results(targets.size());
  const auto session = connect();
  if (!session) {
    std::ranges::fill(results, Failure(session.error()));
    return results;
  }
  Batch batch(**session, targets, contents, flow, results);
  batch.path_of = [this](const std::string& key) { return path_of(key); };
  batch.announce = [&](const std::string& path) { announce_directory(**session, path); };
  batch.make_path = [&](const std::string& path) { return make_path(**session, path); };
  batch.failure = [&](const std::string& key, const Fault& fault) {
    return write_failed(**session, key, fault);
  };
  batch.replace_slowly = [&](const std::string& from, const std::string& to) {
    return replace(**session, from, to);
  };
  batch.run();
  return results;
}

// A directory of which nothing is known yet: it is asked for, and what becomes of that is seen by
// who opens a file in it.
void SftpStore::announce_directory(Session& session, const std::string& path) {
  if (path.size() <= root_.size()) {
    return;
  }
  {
    const std::lock_guard lock(directories_mutex_);
    if (!directories_.insert(path).second) {
      return;
    }
  }
  announce_directory(session, parent_of(path));
  (void)session.set(Type::mkdir, path, {});
}

}  // namespace toolkit::store
