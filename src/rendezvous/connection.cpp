#include "connection.hpp"

#include "names.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace toolkit::rendezvous {
namespace {

constexpr std::size_t kTurn =
    1U << 20U;  // answers of one turn; more are not kept for a slow reader

}  // namespace

Connection::Connection(KeyStore::Client id, UniqueFd fd) : id_(id), fd_(std::move(fd)) {
  // Small answers must not wait for acknowledgements (RFC 896).
  const int yes = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

bool Connection::read() {
  std::array<char, 64U << 10U> bytes;  // NOLINT(*-member-init): filled by the kernel
  ssize_t count = 0;
  do {
    count = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    decoder_.feed({bytes.data(), static_cast<std::size_t>(count)});
  }
  return count > 0 || (count < 0 && errno == EAGAIN);
}

bool Connection::serve(KeyStore& store) {
  while (outbox_.size() - sent_ < kTurn) {
    const auto step = decoder_.next();
    if (step == RequestDecoder::Step::wrong) {
      return false;
    }
    unfinished_ = step == RequestDecoder::Step::request;
    if (!unfinished_) {
      break;
    }
    if (!carry_out(store)) {
      return false;
    }
  }
  return flush();
}

bool Connection::carry_out(KeyStore& store) {
  known_ = true;
  Request& request = decoder_.request();
  const bool joins = request.command == Command::add && request.words[0] == kInitKey;
  const std::int64_t amount = request.number;
  if (!store.handle(id_, std::move(request), outbox_)) {
    return false;
  }
  return !joins || !__builtin_add_overflow(joined_, amount, &joined_);
}

bool Connection::wake() {
  outbox_ += '\0';
  return flush();
}

bool Connection::flush() {
  while (sent_ < outbox_.size()) {
    const ssize_t count =
        ::send(fd_.get(), outbox_.data() + sent_, outbox_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return errno == EAGAIN;
    }
    sent_ += static_cast<std::size_t>(count);
  }
  outbox_.clear();
  sent_ = 0;
  if (outbox_.capacity() > kTurn) {
    outbox_.shrink_to_fit();
  }
  return true;
}

std::uint32_t Connection::interest() const {
  const bool sending = sent_ < outbox_.size();
  return sending || unfinished_ ? EPOLLOUT : EPOLLIN;
}

}  // namespace toolkit::rendezvous
