#include <toolkit/condition/evaluator.hpp>

#include <algorithm>

namespace toolkit::condition {

Evaluator::Evaluator(const Tree& tree) { append(tree.root); }

void Evaluator::append(const Node& node) {
  const std::size_t place = steps_.size();
  steps_.push_back({node.kind, node.leaf, node.duration, 0, SteadyTime::max(), {}});
  for (const Node& child : node.children) {
    append(child);
  }
  steps_[place].end = steps_.size();
}

Value Evaluator::evaluate(std::span<const Value> leaves, SteadyTime now) {
  // From the back: each child before its parent, and none left out, since every `for` must see
  // every call.
  for (std::size_t step = steps_.size(); step-- > 0;) {
    steps_[step].value = value_of(step, leaves, now);
  }
  return steps_.front().value;
}

Value Evaluator::value_of(std::size_t step, std::span<const Value> leaves, SteadyTime now) {
  switch (steps_[step].kind) {
    case Kind::leaf:
      return leaves[steps_[step].leaf];
    case Kind::not_: {
      const Value child = steps_[step + 1].value;
      return {!child.met, child.final};
    }
    case Kind::for_:
      return value_of_for(steps_[step], steps_[step + 1].value, now);
    case Kind::all:
    case Kind::any:
      break;
  }
  return value_of_many(step);
}

// One child decides: for `all` one that is unmet, for `any` one that is met.
Value Evaluator::value_of_many(std::size_t step) const {
  const bool deciding = steps_[step].kind == Kind::any;
  bool decided = false;
  bool decided_finally = false;
  bool all_final = true;
  for (std::size_t child = step + 1; child < steps_[step].end; child = steps_[child].end) {
    const Value value = steps_[child].value;
    decided = decided || value.met == deciding;
    decided_finally = decided_finally || (value.met == deciding && value.final);
    all_final = all_final && value.final;
  }
  return {decided == deciding, decided_finally || all_final};
}

Value Evaluator::value_of_for(Step& step, Value child, SteadyTime now) {
  if (!child.met) {
    step.met_since = SteadyTime::max();
    return child;
  }
  step.met_since = std::min(step.met_since, now);
  const bool met = now - step.met_since >= step.duration;
  return {met, met && child.final};
}

SteadyTime Evaluator::next_change() const {
  SteadyTime next = SteadyTime::max();
  for (const Step& step : steps_) {
    if (step.kind == Kind::for_ && !step.value.met && step.met_since != SteadyTime::max()) {
      next = std::min(next, step.met_since + step.duration);
    }
  }
  return next;
}

std::vector<std::size_t> Evaluator::missing() const {
  std::vector<std::size_t> leaves;
  add_in_the_way(0, true, leaves);
  return leaves;
}

// The leaves because of which a step is not what is wanted. What is final has its cause in what is
// final.
void Evaluator::add_in_the_way(std::size_t step, bool wanted,
                               std::vector<std::size_t>& leaves) const {
  const Step& own = steps_[step];
  if (own.value.met == wanted) {
    return;
  }
  if (own.kind == Kind::leaf) {
    leaves.push_back(own.leaf);
    return;
  }
  if (own.kind == Kind::for_ && steps_[step + 1].value.met != own.value.met) {
    add_in_the_way(step + 1, false, leaves);  // it runs: named is what is met and has to stay so
    return;
  }
  const bool child_wanted = own.kind == Kind::not_ ? !wanted : wanted;
  for (std::size_t child = step + 1; child < own.end; child = steps_[child].end) {
    if (steps_[child].value.final || !own.value.final) {
      add_in_the_way(child, child_wanted, leaves);
    }
  }
}

}  // namespace toolkit::condition
