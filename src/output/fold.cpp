#include "fold.hpp"

#include <cstring>

namespace toolkit::output {
namespace {

/// Nothing to see: spaces, and the terminal's "erase line" (ECMA-48 EL, ESC [ n K) that bars are
/// wiped with.
bool is_blank(std::string_view words) {
  while (!words.empty()) {
    if (words[0] == ' ') {
      words.remove_prefix(1);
    } else if (words.starts_with("\x1b[K")) {
      words.remove_prefix(3);
    } else if (words.size() >= 4 && words.starts_with("\x1b[") && words[3] == 'K') {
      words.remove_prefix(4);
    } else {
      return false;
    }
  }
  return true;
}

bool has_return(std::string_view bytes) {
  return std::memchr(bytes.data(), '\r', bytes.size()) != nullptr;
}

}  // namespace

void Fold::feed(std::string_view bytes, SteadyTime now, std::string& out) {
  if (bytes.empty()) {
    return;
  }
  if (!rewritten_ && !return_seen_ && !has_return(bytes)) {
    lines_->feed(bytes, out);
    return;
  }
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const bool ended = newline != std::string_view::npos;
    feed_part(bytes.substr(0, newline), ended, now, out);
    bytes.remove_prefix(ended ? newline + 1 : bytes.size());
  }
}

void Fold::feed_part(std::string_view words, bool ended, SteadyTime now, std::string& out) {
  if (return_seen_ && !words.empty()) {
    rewrite({}, now, out);
    return_seen_ = false;
  }
  if (words.ends_with('\r')) {
    words.remove_suffix(1);
    return_seen_ = true;
  }
  const std::size_t last = words.rfind('\r');
  if (last != std::string_view::npos) {
    rewrite(words.substr(0, last), now, out);
    words.remove_prefix(last + 1);
  }
  hold(words, out);
  if (return_seen_) {
    start_interval(now);
  }
  if (ended) {
    lines_->count_line();
    end_line(Ending::newline, out);
  }
}

/// `words` is what came before the line's newest \r; only its last state matters.
void Fold::rewrite(std::string_view words, SteadyTime now, std::string& out) {
  start_interval(now);
  rewritten_ = true;
  std::size_t before = words.rfind('\r');
  while (before != std::string_view::npos && is_blank(words.substr(before + 1))) {
    words = words.substr(0, before);
    before = words.rfind('\r');
  }
  if (before == std::string_view::npos || lines_->begun()) {
    hold(words.substr(0, words.find('\r')), out);
    keep_held(out);
  }
  lines_->held().clear();
  if (before != std::string_view::npos) {
    keep_state(words.substr(before + 1), out);
  }
}

void Fold::start_interval(SteadyTime now) {
  if (!timed_) {
    timed_ = true;
    due_ = now + interval_;
  }
}

/// What is held has become a complete state.
void Fold::keep_held(std::string& out) {
  if (lines_->begun()) {
    end_long_state(out);
  } else if (!is_blank(lines_->held())) {
    state_.swap(lines_->held());
  }
}

void Fold::keep_state(std::string_view words, std::string& out) {
  if (words.size() > lines_->limit()) {
    lines_->hold(words, out);
    end_long_state(out);
  } else {
    state_.assign(words);
    shown_ = false;
  }
}

/// A state too long to remember is an ordinary line.
void Fold::end_long_state(std::string& out) {
  lines_->end_line(Ending::newline, out);
  state_.clear();
  shown_ = true;
}

void Fold::hold(std::string_view words, std::string& out) {
  lines_->hold(words, out);
  if (!words.empty() && !is_blank(lines_->held())) {
    shown_ = false;
  }
}

void Fold::end_line(Ending ending, std::string& out) {
  if (lines_->begun() || (!rewritten_ && !shown_)) {
    lines_->end_line(ending, out);
  } else {
    end_progress(ending, out);
  }
  reset();
}

void Fold::end_progress(Ending ending, std::string& out) {
  if (!shown_ && !newest().empty()) {
    lines_->write_progress(newest(), out);
  } else if (!shown_ && ending == Ending::newline) {
    lines_->end_line(ending, out);
  }
  lines_->held().clear();
}

const std::string& Fold::newest() const {
  return is_blank(lines_->held()) ? state_ : lines_->held();
}

void Fold::reset() {
  state_.clear();
  rewritten_ = return_seen_ = shown_ = timed_ = false;
}

SteadyTime Fold::due() const {
  const bool waits = timed_ && !shown_ && !lines_->begun() && interval_.count() > 0;
  return waits && !newest().empty() ? due_ : SteadyTime::max();
}

void Fold::tick(SteadyTime now, std::string& out) {
  if (now >= due()) {
    lines_->write_progress(newest(), out);
    shown_ = true;
    due_ = now + interval_;
  }
}

void Fold::finish(std::string& out) {
  if (!lines_->empty() || rewritten_) {
    lines_->count_line();
    end_line(Ending::never, out);
  }
  reset();
}

}  // namespace toolkit::output
