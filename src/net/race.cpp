#include "race.hpp"

#include <toolkit/base/error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace toolkit::net {
namespace {

constexpr auto kHeadStart = Milliseconds(250);  // RFC 8305, section 8: Connection Attempt Delay

// RFC 8305, section 4: families take turns.
std::vector<Address> interleave(const std::vector<Address>& addresses) {
  std::vector<Address> first, second;
  for (const Address& address : addresses) {
    if (address.size != 0) {
      const bool leads =
          first.empty() || address.storage.ss_family == first.front().storage.ss_family;
      (leads ? first : second).push_back(address);
    }
  }
  std::vector<Address> turns;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    for (const auto* family : {&first, &second}) {
      if (i < family->size()) {
        turns.push_back((*family)[i]);
      }
    }
  }
  return turns;
}

Cause cause_of(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
      return Cause::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return Cause::unreachable;
    case ETIMEDOUT:
      return Cause::timed_out;
    default:
      return Cause::other;
  }
}

Trouble trouble_of(int error) {
  if (error == EAGAIN) {  // connect(2) of a unix socket
    return {Cause::timed_out, "it listens, but its queue of connections is full"};
  }
  return {cause_of(error), errno_words(error)};
}

// "refused" says more about a host than that its other address has no route.
int weight(Cause cause) {
  switch (cause) {
    case Cause::refused:
      return 3;
    case Cause::timed_out:
      return 2;
    case Cause::unreachable:
      return 0;
    default:
      return 1;
  }
}

int error_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

int connect_to(int fd, const Address& address) {
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  // A non-blocking connect goes on after EINTR; it is awaited as after EINPROGRESS.
  const int error = ::connect(fd, to, address.size) == 0 ? 0 : errno;
  return error == EINTR ? EINPROGRESS : error;
}

UniqueFd open_socket(const Address& address) {
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd && address.storage.ss_family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return fd;
}

}  // namespace

bool is_connected_to_itself(int fd) {
  sockaddr_storage own{}, other{};
  socklen_t own_size = sizeof own, other_size = sizeof other;
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) == 0 &&
         ::getpeername(fd, reinterpret_cast<sockaddr*>(&other), &other_size) == 0 &&
         own.ss_family != AF_UNIX && own_size == other_size &&
         std::memcmp(&own, &other, own_size) == 0;
}

Race::Race(const std::vector<Address>& addresses, SteadyTime now)
    : addresses_(interleave(addresses)) {
  start_more(now);
}

void Race::collect(std::vector<pollfd>& entries) const {
  for (const Runner& runner : runners_) {
    entries.push_back({runner.fd.get(), POLLOUT, 0});
  }
}

SteadyTime Race::next_deadline() const {
  const bool more = !winner_ && next_ < addresses_.size();
  return more ? next_start_ : SteadyTime::max();
}

void Race::advance(std::span<const pollfd> entries, SteadyTime now) {
  for (const pollfd& entry : entries) {
    const auto runner = std::ranges::find_if(
        runners_, [&entry](const Runner& each) { return each.fd.get() == entry.fd; });
    if (entry.revents == 0 || winner_ || runner == runners_.end()) {
      continue;
    }
    UniqueFd fd = std::move(runner->fd);
    const std::size_t address = runner->address;
    runners_.erase(runner);
    if (const int error = error_of(fd.get()); error != 0) {
      lose(error);
    } else {
      win(std::move(fd), address);
    }
  }
  start_more(now);
}

std::string Race::peer() const {
  return latest_ < addresses_.size() ? addresses_[latest_].text() : std::string{};
}

void Race::start_more(SteadyTime now) {
  while (!winner_ && next_ < addresses_.size() && (runners_.empty() || now >= next_start_)) {
    if (start_one()) {
      next_start_ = now + kHeadStart;
    }
  }
  if (!winner_ && runners_.empty() && next_ == addresses_.size()) {
    trouble_ = worst_.value_or(Trouble{Cause::name, "the name has no address"});
  }
}

// True when it is under way.
bool Race::start_one() {
  latest_ = next_++;
  UniqueFd fd = open_socket(addresses_[latest_]);
  const int error = fd ? connect_to(fd.get(), addresses_[latest_]) : errno;
  if (error == 0) {
    win(std::move(fd), latest_);
    return false;
  }
  if (error != EINPROGRESS) {
    lose(error);
    return false;
  }
  runners_.push_back({std::move(fd), latest_});
  return true;
}

void Race::lose(int error) {
  Trouble trouble = trouble_of(error);
  if (!worst_ || weight(trouble.cause) > weight(worst_->cause)) {
    worst_ = std::move(trouble);
  }
}

void Race::win(UniqueFd fd, std::size_t address) {
  if (is_connected_to_itself(fd.get())) {
    lose(ECONNREFUSED);
    return;
  }
  winner_ = std::move(fd);
  latest_ = address;
  runners_.clear();
}

}  // namespace toolkit::net
