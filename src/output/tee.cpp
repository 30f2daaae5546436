#include "tee_impl.hpp"

#include <toolkit/output/tee.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace toolkit::output {
namespace {

// What collect() appends, in this order.
enum Entry : std::size_t { kOutSource, kErrSource, kOutConsole, kErrConsole, kLog, kEntries };

constexpr std::size_t kReadSize = 128 << 10;
// Every byte can become a stamped line, and a blocked console keeps them all.
constexpr std::size_t kPrefixedReadSize = 8 << 10;

// How many full buffers of one stream in a row, before the other gets its turn and the clock is
// read.
constexpr int kRounds = 2;

StampOptions prefix_options(StampOptions options) {
  options.format = LogFormat::text;
  return options;
}

}  // namespace

Result<std::unique_ptr<Tee>> Tee::open(TeeOptions options) {
  std::unique_ptr<LogFile> log;
  if (options.log) {
    TRY_ASSIGN(log, LogFile::open(*options.log));
  }
  return std::make_unique<TeeImpl>(std::move(options), std::move(log));
}

TeeImpl::Source TeeImpl::make_source(Stream stream, int fd, const char* name,
                                     const TeeOptions& options) {
  Source source{
      stream, {}, Console(fd, options.stall_limit), ConsoleHealth(name), Tail(options.tail_bytes),
      {}};
  if (options.console == ConsoleMode::prefixed) {
    source.prefix.emplace(prefix_options(options.stamp));
  }
  return source;
}

TeeImpl::TeeImpl(TeeOptions options, std::unique_ptr<LogFile> log)
    : options_(std::move(options)),
      log_(std::move(log)),
      stamper_(options_.stamp),
      sources_{make_source(Stream::out, options_.stdout_fd, "stdout", options_),
               make_source(Stream::err, options_.stderr_fd, "stderr", options_)},
      read_size_(options_.console == ConsoleMode::prefixed ? kPrefixedReadSize : kReadSize),
      last_output_(std::chrono::steady_clock::now()) {}

TeeImpl::~TeeImpl() = default;

Result<void> TeeImpl::open_pipes() {
  output_open_ = false;
  sources_[0].flowing = sources_[1].flowing = false;
  TRY(sources_[0].pump.open_pipe());
  return options_.merge ? Result<void>{} : sources_[1].pump.open_pipe();
}

void TeeImpl::attach_terminal(UniqueFd master) {
  sources_[0].pump.attach_terminal(std::move(master));
}

int TeeImpl::child_end(Stream stream) const {
  return options_.merge ? sources_[0].pump.child_end() : source(stream).pump.child_end();
}

void TeeImpl::close_child_ends() {
  for (Source& source : sources_) {
    source.pump.close_child_end();
  }
}

void TeeImpl::collect(std::vector<pollfd>& entries) const {
  const bool napping = nap_until_ != SteadyTime::max();
  for (const Source& source : sources_) {
    entries.push_back({napping || held(source) ? -1 : source.pump.fd(), POLLIN, 0});
  }
  for (const Source& source : sources_) {
    entries.push_back({source.console.poll_fd(), POLLOUT, 0});
  }
  entries.push_back({log_ ? log_->event_fd() : -1, POLLIN, 0});
}

SteadyTime TeeImpl::next_deadline() const {
  SteadyTime next =
      std::min({nap_until_, start_log_at_, log_ ? stamper_.next_due() : SteadyTime::max()});
  if (!rest_.empty() && !log_stalled_) {
    next = std::min(next, log_progress_ + options_.stall_limit);
  }
  for (const Source& source : sources_) {
    next = std::min(next, source.console.deadline());
    next = source.prefix ? std::min(next, source.prefix->next_due()) : next;
  }
  return next;
}

void TeeImpl::dispatch(const pollfd* entries, std::size_t count, WallTime wall, SteadyTime steady) {
  const Moment now{wall, steady};
  const auto happened = [&](std::size_t entry) {
    return entry < count && entries[entry].revents != 0;
  };
  for (std::size_t index = 0; index < sources_.size(); ++index) {
    Console& console = sources_[index].console;
    if (happened(kOutConsole + index) || steady >= console.deadline()) {
      console.advance(steady);
    }
  }
  if (happened(kLog)) {
    log_->acknowledge();
    look_at_log();
  }
  if (!rest_.empty()) {
    feed_log(now, LogFile::WhenFull::leave);
  }
  drop_if_log_stalls(now);
  const bool woke = steady >= nap_until_;
  nap_until_ = woke ? SteadyTime::max() : nap_until_;
  for (std::size_t index = 0; index < sources_.size(); ++index) {
    Pump& source = sources_[index].pump;
    if (happened(kOutSource + index) && source.is_at_end(entries[kOutSource + index].revents)) {
      source.close();  // without a buffer, which a silent child never needs
    } else if (happened(kOutSource + index) || woke) {
      pump(sources_[index], now, kRounds);
    }
  }
  tick(now);
}

bool TeeImpl::open_sources() const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [](const Source& source) { return source.pump.is_open(); });
}

void TeeImpl::note(Level level, std::string_view source, std::string_view words, WallTime now) {
  if (!log_) {
    return;
  }
  scratch_.clear();
  stamper_.note(level, source, words, now, scratch_);
  log_->put(scratch_);
  if (!log_->started() && start_log_at_ == SteadyTime::max()) {
    start_log_at_ = std::chrono::steady_clock::now() + kStartLog;
  }
}

void TeeImpl::say(std::string_view line, SteadyTime steady) {
  sources_[1].console.write(line, steady);
}

void TeeImpl::reopen_log() {
  if (log_) {
    log_->reopen();
  }
}

std::string TeeImpl::tail(Stream stream) const { return source(stream).tail.bytes(); }

TeeStats TeeImpl::stats() const {
  TeeStats stats;
  for (const Source& source : sources_) {
    StreamStats& stream = source.stream == Stream::out ? stats.out : stats.err;
    stream.bytes = source.bytes;
    stream.lines =
        log_ ? stamper_.lines(source.stream) : source.newlines + (source.partial ? 1 : 0);
    stream.console_dropped = source.console.bytes_dropped();
  }
  stats.log = log_ ? log_->stats() : LogFileStats{};
  stats.output_open = output_open_;
  return stats;
}

std::vector<std::string> TeeImpl::take_warnings() {
  for (Source& source : sources_) {
    source.health.look(source.console, options_.stall_limit, warnings_);
  }
  return std::exchange(warnings_, {});
}

}  // namespace toolkit::output
