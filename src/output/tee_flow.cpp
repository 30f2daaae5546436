// The flow of bytes: from a source to its tail, its console, and the log.
#include "tee_impl.hpp"
#include "tee_pages.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace toolkit::output {
namespace {

// The stamper makes some 130 bytes of an empty line. So little at a time keeps the queue from
// overshooting its limit, without counting newlines first.
constexpr std::size_t kPiece = 2 << 10;
constexpr std::size_t kSmallPiece = 128;
constexpr std::size_t kMuchGrowth = 8;

// A child that writes no more than this costs neither a thread nor the buffers' pages.
constexpr std::size_t kFlow = 4 << 10;

// A trainer that flushes every line pays for waking us each time. Left alone for a moment it finds
// us awake or asleep by the clock, and its pipe, being large, takes what comes.
constexpr std::size_t kTinyRead = 4 << 10;
constexpr std::size_t kRoomyPipe = 256 << 10;
constexpr std::chrono::microseconds kNap{1'000};
constexpr std::chrono::microseconds kBusy{
    1'500};  // longer than a nap, so that one may follow another

}  // namespace

void TeeImpl::pump(Source& source, Moment now, int rounds) {
  if (!buffer_) {
    buffer_ = std::make_unique_for_overwrite<char[]>(read_size_);
  }
  for (int round = 0; round < rounds && source.pump.is_open() && !held(source); ++round) {
    std::size_t count = 0;
    if (source.pump.read(buffer_.get(), read_size_, count) != Pump::Found::bytes) {
      return;
    }
    take(source, {buffer_.get(), count}, now);
    nap_if_tiny(source, count, now);
    source.drain_budget -= std::min(source.drain_budget, count);
    if (count < read_size_) {
      return;
    }
  }
}

void TeeImpl::nap_if_tiny(const Source& source, std::size_t count, Moment now) {
  const bool busy = now.steady - std::exchange(last_read_, now.steady) < kBusy;
  if (busy && count < kTinyRead && source.pump.capacity() >= kRoomyPipe) {
    nap_until_ = now.steady + kNap;
  }
}

void TeeImpl::flow(Source& source) {
  source.flowing = true;
  source.pump.enlarge();
  if (!std::exchange(flowing_, true)) {
    release_program_pages();
  }
}

void TeeImpl::take(Source& source, std::string_view bytes, Moment now) {
  source.bytes += bytes.size();
  if (!source.flowing && source.bytes > kFlow) {
    flow(source);
  }
  last_output_ = now.steady;
  if (options_.tail_bytes > 0) {
    source.tail.append(bytes);
  }
  to_console(source, bytes, now);
  if (!log_) {
    count_lines(source, bytes);
    return;
  }
  rest_ = bytes;
  rest_stream_ = source.stream;
  log_progress_ = now.steady;
  feed_log(now, log_stalled_ ? LogFile::WhenFull::drop : LogFile::WhenFull::leave);
  drop_if_log_stalls(now);
}

void TeeImpl::to_console(Source& source, std::string_view bytes, Moment now) {
  if (options_.console == ConsoleMode::raw) {
    source.console.write(bytes, now.steady);
  } else if (source.prefix) {
    scratch_.clear();
    source.prefix->feed(source.stream, bytes, now.wall, now.steady, scratch_);
    source.console.write(scratch_, now.steady);
  }
}

void TeeImpl::count_lines(Source& source, std::string_view bytes) const {
  source.newlines += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  source.partial = bytes.back() != '\n';
}

void TeeImpl::feed_log(Moment now, LogFile::WhenFull when_full) {
  const std::size_t before = rest_.size();
  const auto make = [&](std::string& out, std::size_t limit) {
    while (!rest_.empty() && out.size() < limit) {
      const std::string_view piece = rest_.substr(0, piece_);
      rest_.remove_prefix(piece.size());
      const std::size_t size = out.size();
      stamper_.feed(rest_stream_, piece, now.wall, now.steady, out);
      piece_ = out.size() - size > piece.size() * kMuchGrowth ? kSmallPiece : kPiece;
    }
  };
  std::size_t left = 0;
  do {
    left = rest_.size();
    log_->append(make, when_full);
  } while (!rest_.empty() && rest_.size() < left);
  if (rest_.size() < before) {
    log_progress_ = now.steady;
  }
  if (!log_->started() && start_log_at_ == SteadyTime::max()) {
    start_log_at_ = now.steady + kStartLog;
  }
}

// A disk that took nothing for the limit is no longer waited for, until it takes something again.
void TeeImpl::drop_if_log_stalls(Moment now) {
  const bool was_stalled = log_stalled_;
  if (rest_.empty()) {
    log_stalled_ = log_stalled_ && log_->room() == 0;
  } else if (log_stalled_ || now.steady >= log_progress_ + options_.stall_limit) {
    log_stalled_ = true;
    feed_log(now, LogFile::WhenFull::drop);
  }
  if (log_stalled_ != was_stalled) {
    look_at_log();
  }
}

void TeeImpl::look_at_log() {
  log_health_.look(log_->path(), log_->stats(), log_stalled_, options_.stall_limit, warnings_);
}

void TeeImpl::tick(Moment now) {
  if (now.steady >= start_log_at_) {
    start_log_at_ = SteadyTime::max();
    log_->start();
  }
  if (log_ && now.steady >= stamper_.next_due()) {
    log_->append([&](std::string& out, std::size_t) { stamper_.tick(now.wall, now.steady, out); },
                 LogFile::WhenFull::drop);
  }
  for (Source& source : sources_) {
    if (source.prefix && now.steady >= source.prefix->next_due()) {
      scratch_.clear();
      source.prefix->tick(now.wall, now.steady, scratch_);
      source.console.write(scratch_, now.steady);
    }
  }
}

void TeeImpl::finish_lines(Moment now) {
  if (log_) {
    log_->append([&](std::string& out, std::size_t) { stamper_.finish(now.wall, out); },
                 LogFile::WhenFull::drop);
  }
  for (Source& source : sources_) {
    if (source.prefix) {
      scratch_.clear();
      source.prefix->finish(now.wall, scratch_);
      source.console.write(scratch_, now.steady);
    }
    source.newlines += source.partial ? 1 : 0;
    source.partial = false;
  }
}

}  // namespace toolkit::output
