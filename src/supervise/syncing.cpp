#include "syncing.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/job/store.hpp>
#include <toolkit/sync/engine.hpp>
#include <toolkit/waiting/stop.hpp>

#include <fmt/core.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

namespace toolkit::supervise {
namespace {

using Clock = std::chrono::steady_clock;

class Teller : public sync::Observer {
 public:
  void on_file(const sync::FileEvent& event) override {
    if (event.action == sync::Action::kept) {
      log_warn("sync: {}; the old one is now {}", event.why, event.name);
    }
  }
  void on_problem(const std::string& /*name*/, const Error& error) override {
    log_warn("sync: {}{}", error.message, error.remedy.empty() ? "" : "; try: " + error.remedy);
  }
  void on_retry(const std::string& /*name*/, const Error& error, Milliseconds pause) override {
    log_debug("sync: {}; again in {}", error.message, describe_duration(pause));
  }
};

// We go to another directory while the child runs.
void make_absolute(store::Location& location) {
  if (location.kind == store::Location::Kind::local) {
    const bool is_contents = location.means_contents();
    location.path = std::filesystem::absolute(location.path).lexically_normal().string();
    if (is_contents && location.path.back() != '/') {
      location.path += '/';
    }
  }
}

const char* get_env(const char* name) { return ::getenv(name); }

// As of `toolkit sync`, which may go on with it; without one a start proves anew.
std::string journal_directory(const Options& options) {
  if (!options.record.state_directory.empty()) {
    return options.record.state_directory + "/sync";
  }
  const auto directory = job::state_directory(get_env);
  return directory ? *directory + "/sync" : "";
}

Result<sync::Options> read_pair(const Options& options, const std::string& pair) {
  const auto equals = pair.find('=');
  if (equals == std::string::npos) {
    return fail(ErrorKind::usage, fmt::format("'{}' has no =", pair),
                "--sync SRC=DEST, as /logs/=s3://bucket/run-42/");
  }
  sync::Options what;
  TRY_ASSIGN(auto source, store::parse_location(pair.substr(0, equals)));
  TRY_ASSIGN(what.destination, store::parse_location(pair.substr(equals + 1)));
  make_absolute(source);
  make_absolute(what.destination);
  what.sources.push_back(std::move(source));
  for (const std::string& rule : options.sync.filters) {
    what.selection.rules.push_back({selection::RuleText::Form::filter, rule});
  }
  what.follow.follow = true;
  what.store.get_env = get_env;
  what.state_directory = options.record.state_directory;
  what.journal_directory = journal_directory(options);
  return what;
}

// One engine and its thread.
struct Worker {
  std::string name;  // of the pair
  std::unique_ptr<sync::Engine> engine;
  std::thread thread;
  Result<void> result;
};

class Engines : public Syncing {
 public:
  Engines() : done_(::eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)) {}
  ~Engines() override {
    for (auto& worker : workers_) {
      if (worker->thread.joinable()) {
        worker->engine->abandon();
        worker->thread.join();
      }
    }
  }

  Result<void> add(const Options& options, const std::string& pair) {
    TRY_ASSIGN(auto what, read_pair(options, pair));
    auto worker = std::make_unique<Worker>();
    worker->name = pair;
    TRY_ASSIGN(worker->engine, sync::Engine::make(std::move(what), teller_));
    workers_.push_back(std::move(worker));
    return {};
  }

  void start() override {
    for (auto& worker : workers_) {
      worker->thread = std::thread([this, one = worker.get()] {
        one->result = one->engine->follow();
        if (!one->result) {
          log_warn("sync: {}", one->result.error().message);
        }
        (void)::eventfd_write(done_.get(), 1);
      });
    }
  }

  bool finish(SteadyTime deadline, Milliseconds grace, process::SignalQueue& signals) override {
    for (auto& worker : workers_) {
      worker->engine->stop(deadline);
    }
    std::size_t ended = 0;
    while (ended < workers_.size() && Clock::now() < deadline + Milliseconds(500)) {
      pollfd entries[] = {{done_.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
      const auto left =
          std::chrono::ceil<Milliseconds>(deadline + Milliseconds(500) - Clock::now());
      ::poll(entries, 2, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
      if (entries[0].revents != 0) {
        eventfd_t count = 0;
        ::eventfd_read(done_.get(), &count);
        ++ended;
      } else if (entries[1].revents != 0 && waiting::stopping_signal(signals) != 0) {
        deadline = std::min(deadline, Clock::now() + grace);
        for (auto& worker : workers_) {
          worker->engine->stop(deadline);
        }
      }
    }
    return tell(ended);
  }

 private:
  bool tell(std::size_t ended) {
    bool complete = true;
    for (auto& worker : workers_) {
      const sync::Summary summary = worker->engine->summary();
      if (!worker->result || summary.failed > 0 || ended < workers_.size()) {
        complete = false;
        log_warn(
            "sync: {} is not complete: {} files are not all there; a later `toolkit sync` goes on",
            worker->name, summary.failed);
      } else {
        log_debug("sync: {}: all {} files are there, {} bytes were sent", worker->name,
                  summary.files, summary.bytes_sent);
      }
    }
    if (ended < workers_.size()) {
      // A thread hangs in a dead mount: it is left behind, and goes with the process.
      for (auto& worker : workers_) {
        worker->thread.detach();
        (void)worker.release();
      }
      workers_.clear();
    }
    return complete;
  }

  Teller teller_;
  UniqueFd done_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

Result<std::unique_ptr<Syncing>> Syncing::prepare(const Options& options) {
  if (options.sync.pairs.empty()) {
    return nullptr;
  }
  auto engines = std::make_unique<Engines>();
  for (const std::string& pair : options.sync.pairs) {
    if (const auto added = engines->add(options, pair); !added) {
      Error error = added.error();
      error.message = "--sync: " + error.message;
      return Failure(std::move(error));
    }
  }
  return engines;
}

}  // namespace toolkit::supervise
