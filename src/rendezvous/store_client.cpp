#include "store_client.hpp"

#include <utility>

namespace toolkit::rendezvous {
namespace {

// More keys than any store holds; eight bytes of text are more by far, so that what a web server
// answers is not taken for seven numbers.
constexpr std::int64_t kMaximumCount = 1'000'000'000;

}  // namespace

StoreClient::StoreClient(net::Endpoint endpoint, Connect connect)
    : endpoint_(std::move(endpoint)), connect_(std::move(connect)) {}

void StoreClient::open() {
  no_store_ = false;
  ask(Numbering::validated);
}

void StoreClient::close() {
  stream_.reset();
  ended_ = false;
  state_ = State::closed;
}

// Every new connection begins with the probe, also when the dialect is known: another store may
// listen there by now, and a bare VALIDATE would stop an old one.
void StoreClient::ask(Numbering numbering) {
  numbering_ = numbering;
  connected_ = false;
  ended_ = false;
  state_ = State::asking;
  stream_ = connect_(endpoint_);
  stream_->send(numbering == Numbering::validated ? safe_probe() : old_probe(numbering));
}

void StoreClient::send(const Request& request) { stream_->send(encode(numbering_, request)); }

bool StoreClient::is_connected() const {
  return stream_ != nullptr && stream_->state() == net::Stream::State::open;
}

void StoreClient::collect(std::vector<pollfd>& entries) const {
  if (stream_) {
    stream_->collect(entries);
  }
}

SteadyTime StoreClient::next_deadline() const {
  if (!stream_) {
    return SteadyTime::max();
  }
  // A stream that has failed has nothing to poll for, and may fail as soon as it is made.
  const bool failed = stream_->state() == net::Stream::State::failed;
  return failed ? SteadyTime{} : stream_->next_deadline();
}

void StoreClient::advance(std::span<const pollfd> entries, SteadyTime now) {
  if (state_ != State::asking && state_ != State::ready) {
    return;
  }
  stream_->advance(entries, now);
  connected_ = connected_ || is_connected();
  if (state_ == State::asking) {
    hear();
  } else if (ended_) {
    fail(false);
  } else {
    ended_ = stream_->state() == net::Stream::State::failed;
  }
}

void StoreClient::hear() {
  if (!inbox().empty()) {
    take_counts(numbering_ == Numbering::validated ? kSafeProbeCounts : kOldProbeCounts);
  } else if (stream_->state() == net::Stream::State::failed) {
    const bool reset = connected_ || stream_->trouble().cause == net::Cause::closed;
    if (reset && numbering_ != Numbering::early) {
      ask(numbering_ == Numbering::validated ? Numbering::plain : Numbering::early);
    } else {
      fail(reset);
    }
  }
}

// Only the numbers of keys are expected here, one for each question.
void StoreClient::take_counts(std::size_t wanted) {
  std::string bytes = inbox().substr(0, wanted * sizeof(std::int64_t) + 1);
  std::size_t taken = 0;
  while (const auto count = take_number(bytes)) {
    ++taken;
    if (*count < 0 || *count > kMaximumCount) {
      fail(true);
      return;
    }
  }
  if (taken == wanted && bytes.empty()) {
    inbox().clear();
    state_ = State::ready;
  } else if (taken >= wanted || stream_->state() == net::Stream::State::failed) {
    fail(true);
  }
}

void StoreClient::fail(bool no_store) {
  no_store_ = no_store;
  trouble_ = stream_->trouble();
  state_ = State::failed;
  ended_ = false;
  stream_.reset();
}

}  // namespace toolkit::rendezvous
