#include "names.hpp"
#include "store_client.hpp"

#include <toolkit/rendezvous/join.hpp>

#include <algorithm>
#include <utility>

namespace toolkit::rendezvous {
namespace {

constexpr std::uint64_t kMaximumDigits = 20;  // of a 64-bit number
// Rank 0 of torch asks its own store every 10 ms; a guest over the network takes more time.
constexpr Milliseconds kAskStore{100};
constexpr Milliseconds kAskBarrier{1'000};  // for progress only: the barrier tells of the end

}  // namespace

class Join::Steps {
 public:
  Steps(JoinOptions options, Connect connect)
      : client(options.host, std::move(connect)),
        attendance{.joined = 0, .workers = options.workers} {}

  void begin();
  void give_up();
  void advance(std::span<const pollfd> entries, SteadyTime now);
  [[nodiscard]] SteadyTime next_deadline() const {
    return std::min(client.next_deadline(), ask_at_);
  }

  StoreClient client;
  State state = State::connecting;
  Attendance attendance;
  std::int64_t number = 0;
  net::Trouble trouble;

 private:
  enum class Step {
    opening,
    looking,   // whether the host is a barrier
    learning,  // N from it
    adding,
    finding,   // the count of a torch store that we come back to
    resting,   // until it is time to ask, or a barrier tells
    stopping,  // the wait at a barrier, which has room for one request at a time
    asking     // how many
  };

  bool hear(SteadyTime now);
  bool hear_count(SteadyTime now);
  void send(Step step, Command command, const char* key, std::int64_t amount = 0);
  void look(std::uint8_t absent);
  void come_in();
  void find(std::uint8_t absent);
  void counted(std::int64_t joined, SteadyTime now);
  void ask();
  void hear_failure();
  void finish(State end);

  Step step_ = Step::opening;
  bool is_barrier_ = false;
  SteadyTime ask_at_ = SteadyTime::max();
};

void Join::Steps::begin() {
  const bool fresh = state == State::connecting && client.state() == StoreClient::State::closed;
  if (fresh || state == State::unreachable || state == State::no_store) {
    state = State::connecting;
    step_ = Step::opening;
    client.open();
  }
}

void Join::Steps::give_up() {
  if (state == State::connecting) {
    trouble = {net::Cause::timed_out, "no answer"};
    hear_failure();
  }
}

void Join::Steps::advance(std::span<const pollfd> entries, SteadyTime now) {
  if (state != State::connecting && state != State::waiting) {
    return;
  }
  client.advance(entries, now);
  if (client.state() == StoreClient::State::failed) {
    trouble = client.trouble();
    hear_failure();
    return;
  }
  while (client.state() == StoreClient::State::ready && hear(now)) {
  }
  if (step_ == Step::resting && now >= ask_at_ && client.state() == StoreClient::State::ready) {
    ask();
  }
}

void Join::Steps::send(Step step, Command command, const char* key, std::int64_t amount) {
  client.send({command, {key}, amount});
  step_ = step;
}

// One answer, or the first question. False when there is none.
bool Join::Steps::hear(SteadyTime now) {
  if (step_ == Step::opening) {
    send(Step::looking, Command::check, kWorkersKey);
    return true;
  }
  if (step_ == Step::learning || step_ == Step::asking) {
    return hear_count(now);
  }
  if (step_ == Step::adding) {
    const auto sum = take_number(client.inbox());
    if (sum) {
      number = *sum;
      counted(*sum, now);
    }
    return sum.has_value();
  }
  const auto byte = take_byte(client.inbox());
  if (!byte) {
    return false;
  }
  if (step_ == Step::looking) {
    look(*byte);
  } else if (step_ == Step::finding) {
    find(*byte);
  } else if (*byte == 0) {  // the wait is over, whether it was being stopped or not
    attendance.joined = std::max(attendance.joined, attendance.workers);
    finish(State::complete);
  } else {
    step_ = Step::asking;
  }
  return true;
}

void Join::Steps::look(std::uint8_t absent) {
  is_barrier_ = absent == 0;
  if (is_barrier_) {
    send(Step::learning, Command::get, kWorkersKey);
  } else {
    come_in();
  }
}

void Join::Steps::come_in() {
  if (attendance.workers <= 0) {
    finish(State::no_workers);
  } else if (number > 0) {
    send(Step::finding, Command::check, kInitKey);
  } else {
    send(Step::adding, Command::add, kInitKey, 1);
  }
}

// The store that we come back to may be another one by now.
void Join::Steps::find(std::uint8_t absent) {
  if (absent == 0) {
    send(Step::asking, Command::get, kInitKey);
  } else {
    number = 0;
    come_in();
  }
}

bool Join::Steps::hear_count(SteadyTime now) {
  const auto taken = take_value(client.inbox(), kMaximumDigits);
  if (!taken.wrong && !taken.value) {
    return false;
  }
  const auto count = taken.wrong ? std::nullopt : parse_count(*taken.value);
  if (!count) {
    finish(State::no_store);
  } else if (step_ == Step::learning) {
    attendance.workers = *count;
    come_in();
  } else if (*count < number) {
    number = 0;
    come_in();
  } else {
    counted(*count, now);
  }
  return true;
}

void Join::Steps::counted(std::int64_t joined, SteadyTime now) {
  attendance.joined = joined;
  if (attendance.complete()) {
    finish(State::complete);
    return;
  }
  state = State::waiting;
  step_ = Step::resting;
  ask_at_ = now + (is_barrier_ ? kAskBarrier : kAskStore);
  if (is_barrier_) {
    client.send({Command::wait, {kReadyKey}, 0});
  }
}

void Join::Steps::ask() {
  ask_at_ = SteadyTime::max();
  if (is_barrier_) {
    client.send({Command::cancel_wait, {}, 0});
  }
  send(is_barrier_ ? Step::stopping : Step::asking, Command::get, kInitKey);
}

void Join::Steps::hear_failure() {
  if (step_ == Step::adding && !is_barrier_) {
    finish(State::lost);
    return;
  }
  if (is_barrier_) {
    number = 0;  // it has taken us out again
  }
  finish(client.is_no_store() ? State::no_store : State::unreachable);
}

void Join::Steps::finish(State end) {
  state = end;
  ask_at_ = SteadyTime::max();
  client.close();
}

Join::Join(JoinOptions options, Connect connect)
    : steps_(std::make_unique<Steps>(std::move(options), std::move(connect))) {}
Join::~Join() = default;

void Join::begin() { steps_->begin(); }
void Join::give_up() { steps_->give_up(); }
void Join::collect(std::vector<pollfd>& entries) const { steps_->client.collect(entries); }
SteadyTime Join::next_deadline() const { return steps_->next_deadline(); }

void Join::advance(std::span<const pollfd> entries, SteadyTime now) {
  steps_->advance(entries, now);
}

Join::State Join::state() const { return steps_->state; }
Attendance Join::attendance() const { return steps_->attendance; }
std::int64_t Join::number() const { return steps_->number; }
const net::Trouble& Join::trouble() const { return steps_->trouble; }
bool Join::is_connected() const { return steps_->client.is_connected(); }

}  // namespace toolkit::rendezvous
