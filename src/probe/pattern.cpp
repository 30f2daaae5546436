#include "pattern.hpp"

#include "pattern_parser.hpp"

namespace toolkit::probe {
namespace {

using State = Pattern::State;
using Step = Pattern::Step;

bool is_word(unsigned char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z') || byte == '_';
}

// The states in which the machine may be, each at most once.
class States {
 public:
  explicit States(std::size_t most) : place_(most), listed_(most) {}
  [[nodiscard]] bool has(std::uint32_t state) const {
    return place_[state] < size_ && listed_[place_[state]] == state;
  }
  void add(std::uint32_t state) {
    place_[state] = size_;
    listed_[size_++] = state;
  }
  void clear() { size_ = 0; }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::uint32_t operator[](std::uint32_t index) const { return listed_[index]; }

 private:
  // A sparse set (Briggs and Torczon, 1993): clear() costs nothing.
  std::vector<std::uint32_t> place_, listed_;
  std::uint32_t size_ = 0;
};

class Machine {
 public:
  Machine(const std::vector<State>& states, std::string_view line, bool ended)
      : states_(states), line_(line), ended_(ended), now_(states.size()), next_(states.size()) {}

  // True when this state or one that it leads to without a byte is the match.
  bool enter(States& set, std::uint32_t state, std::size_t at) {
    waiting_.push_back(state);
    bool matched = false;
    while (!waiting_.empty()) {
      const std::uint32_t top = waiting_.back();
      waiting_.pop_back();
      if (set.has(top)) {
        continue;
      }
      set.add(top);
      matched = follow(states_[top], at) || matched;
    }
    return matched;
  }

  States& now() { return now_; }
  States& next() { return next_; }
  void turn() {
    std::swap(now_, next_);
    next_.clear();
  }

 private:
  bool follow(const State& state, std::size_t at) {
    switch (state.step) {
      case Step::match:
        return true;
      case Step::bytes:
        return false;
      case Step::split:
        waiting_.push_back(state.other);
        waiting_.push_back(state.next);
        return false;
      case Step::jump:
        waiting_.push_back(state.next);
        return false;
      default:
        if (holds(state.step, at)) {
          waiting_.push_back(state.next);
        }
        return false;
    }
  }

  [[nodiscard]] bool holds(Step step, std::size_t at) const {
    if (step == Step::begin) {
      return at == 0;
    }
    if (step == Step::end) {
      return ended_ && at == line_.size();
    }
    if (!ended_ && at == line_.size()) {
      return false;  // what follows decides
    }
    const bool before = at > 0 && is_word(static_cast<unsigned char>(line_[at - 1]));
    const bool after = at < line_.size() && is_word(static_cast<unsigned char>(line_[at]));
    return (before != after) == (step == Step::boundary);
  }

  const std::vector<State>& states_;
  std::string_view line_;
  bool ended_;
  States now_, next_;
  std::vector<std::uint32_t> waiting_;
};

}  // namespace

tl::expected<Pattern, Pattern::Fault> Pattern::compile(std::string_view text) {
  auto program = parse_pattern(text);
  if (!program) {
    return tl::unexpected(std::move(program.error()));
  }
  Pattern pattern;
  pattern.states_ = std::move(program->states);
  pattern.sets_ = std::move(program->sets);
  // What can be reached without a byte says where a match can begin at all.
  States reached(pattern.states_.size());
  std::vector<std::uint32_t> waiting{0};
  while (!waiting.empty()) {
    const std::uint32_t top = waiting.back();
    waiting.pop_back();
    if (reached.has(top)) {
      continue;
    }
    reached.add(top);
    const State& state = pattern.states_[top];
    if (state.step == Step::bytes) {
      pattern.first_ |= pattern.sets_[state.set];
      continue;
    }
    if (state.step == Step::split) {
      waiting.push_back(state.other);
    }
    if (state.step == Step::split || state.step == Step::jump) {
      waiting.push_back(state.next);
    } else {
      pattern.may_be_empty_ = true;
    }
  }
  return pattern;
}

bool Pattern::found_in(std::string_view line, bool ended) const {
  Machine machine(states_, line, ended);
  for (std::size_t at = 0;; ++at) {
    if (machine.now().size() == 0 && !may_be_empty_) {
      while (at < line.size() && !first_[static_cast<unsigned char>(line[at])]) {
        ++at;
      }
      if (at == line.size()) {
        return false;
      }
    }
    // A match may begin here.
    if (machine.enter(machine.now(), 0, at)) {
      return true;
    }
    if (at == line.size()) {
      return false;
    }
    const auto byte = static_cast<unsigned char>(line[at]);
    for (std::uint32_t i = 0; i < machine.now().size(); ++i) {
      const State& state = states_[machine.now()[i]];
      if (state.step == Step::bytes && sets_[state.set][byte] &&
          machine.enter(machine.next(), state.next, at + 1)) {
        return true;
      }
    }
    machine.turn();
  }
}

bool Pattern::found_in_lines(std::string_view text) const {
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (found_in(line)) {
      return true;
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return false;
}

}  // namespace toolkit::probe
