#include "names.hpp"
#include "store_client.hpp"

#include <toolkit/rendezvous/store_reader.hpp>

#include <algorithm>
#include <utility>

namespace toolkit::rendezvous {
namespace {

constexpr std::uint64_t kMaximumDigits = 20;  // of a 64-bit number

}  // namespace

class StoreReader::Steps {
 public:
  Steps(net::Endpoint endpoint, Connect connect)
      : client(std::move(endpoint), std::move(connect)) {}

  void begin(SteadyTime end);
  void advance(std::span<const pollfd> entries, SteadyTime now);

  StoreClient client;
  SteadyTime until = SteadyTime::max();
  std::optional<Reading> reading;

  [[nodiscard]] bool runs() const { return step_ != Step::idle; }

 private:
  enum class Step { idle, opening, checking, getting };

  void check();
  void hear();
  void hear_check();
  void hear_value();
  void hear_failure();
  void finish(Reading result, bool keep = false);

  Step step_ = Step::idle;
  bool reused_ = false;
};

void StoreReader::Steps::begin(SteadyTime end) {
  until = end;
  reading.reset();
  reused_ = client.state() == StoreClient::State::ready && step_ == Step::idle;
  if (reused_) {
    check();
  } else {
    step_ = Step::opening;
    client.open();
  }
}

void StoreReader::Steps::check() {
  client.send({Command::check, {kInitKey}, 0});
  step_ = Step::checking;
}

void StoreReader::Steps::advance(std::span<const pollfd> entries, SteadyTime now) {
  if (step_ == Step::idle) {
    return;
  }
  client.advance(entries, now);
  hear();
  if (step_ != Step::idle && now >= until) {
    finish({.kind = Reading::Kind::silent, .trouble = {}, .connected = client.is_connected()});
  }
}

void StoreReader::Steps::hear() {
  if (client.state() == StoreClient::State::failed) {
    hear_failure();
  } else if (client.state() == StoreClient::State::ready) {
    if (step_ == Step::opening) {
      check();
    } else if (step_ == Step::checking) {
      hear_check();
    } else {
      hear_value();
    }
  }
}

// A kept connection may have died with the job that it belonged to: one fresh one, then the truth.
void StoreReader::Steps::hear_failure() {
  if (reused_ && !client.is_no_store()) {
    reused_ = false;
    step_ = Step::opening;
    client.open();
    return;
  }
  finish({.kind = client.is_no_store() ? Reading::Kind::no_store : Reading::Kind::unreachable,
          .trouble = client.trouble()});
}

void StoreReader::Steps::hear_check() {
  const auto answer = take_byte(client.inbox());
  if (!answer) {
    return;
  }
  if (*answer == 0) {
    client.send({Command::get, {kInitKey}, 0});
    step_ = Step::getting;
  } else {
    finish(
        {.kind = *answer == 1 ? Reading::Kind::uncounted : Reading::Kind::no_store, .trouble = {}},
        *answer == 1);
  }
}

void StoreReader::Steps::hear_value() {
  const auto taken = take_value(client.inbox(), kMaximumDigits);
  if (!taken.wrong && !taken.value) {
    return;
  }
  const auto joined = taken.wrong ? std::nullopt : parse_count(*taken.value);
  if (joined) {
    finish({.kind = Reading::Kind::counted, .joined = *joined, .trouble = {}}, true);
  } else {
    finish({.kind = Reading::Kind::no_store, .trouble = {}});
  }
}

void StoreReader::Steps::finish(Reading result, bool keep) {
  reading = std::move(result);
  step_ = Step::idle;
  if (!keep) {
    client.close();
  }
}

StoreReader::StoreReader(net::Endpoint endpoint, Connect connect)
    : steps_(std::make_unique<Steps>(std::move(endpoint), std::move(connect))) {}
StoreReader::~StoreReader() = default;

void StoreReader::begin(SteadyTime until) { steps_->begin(until); }

void StoreReader::collect(std::vector<pollfd>& entries) const {
  if (steps_->runs()) {
    steps_->client.collect(entries);
  }
}

SteadyTime StoreReader::next_deadline() const {
  return steps_->runs() ? std::min(steps_->until, steps_->client.next_deadline())
                        : SteadyTime::max();
}

void StoreReader::advance(std::span<const pollfd> entries, SteadyTime now) {
  steps_->advance(entries, now);
}

std::optional<Reading> StoreReader::take() { return std::exchange(steps_->reading, std::nullopt); }

}  // namespace toolkit::rendezvous
