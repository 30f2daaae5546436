// The flow of bytes: from a source to its tail, its console, and the log.
#include <algorithm>
#include <chrono>

#include "tee_impl.hpp"

namespace toolkit::output {
namespace {

// The stamper makes up to some 130 bytes of an empty line; so little at a time keeps the queue's
// overshoot small without counting newlines first.
constexpr std::size_t kPiece = 2 << 10;

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
    source.drain_budget -= std::min(source.drain_budget, count);
    if (count < read_size_) {
      return;
    }
  }
}

void TeeImpl::take(Source& source, std::string_view bytes, Moment now) {
  source.bytes += bytes.size();
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
      const std::string_view piece = rest_.substr(0, kPiece);
      rest_.remove_prefix(piece.size());
      stamper_.feed(rest_stream_, piece, now.wall, now.steady, out);
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
    start_log_at_ = now.steady + Milliseconds(20);
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
    scratch_.clear();
    stamper_.tick(now.wall, now.steady, scratch_);
    log_->put(scratch_);
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
    scratch_.clear();
    stamper_.finish(now.wall, scratch_);
    log_->put(scratch_);
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
