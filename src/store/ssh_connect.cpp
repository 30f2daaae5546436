#include "ssh_connect.hpp"

#include <toolkit/net/stream.hpp>

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::store {
namespace {

SteadyTime now_steady() { return std::chrono::steady_clock::now(); }

int milliseconds_until(SteadyTime deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - now_steady());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
}

Failure cannot_connect(const net::Endpoint& endpoint, std::string_view why) {
  return fail(ErrorKind::unavailable,
              fmt::format("cannot connect to {}: {}", to_text(endpoint), why));
}

Failure ended_by_us(const std::string& peer) {
  return fail(ErrorKind::interrupted, "the connection to " + peer + " was ended by us");
}

}  // namespace

Result<UniqueFd> connect_to(const net::Endpoint& endpoint, Milliseconds silence, int stop_fd) {
  const auto stream = net::Stream::to(endpoint);
  const auto deadline = now_steady() + silence;
  while (stream->state() != net::Stream::State::open) {
    if (stream->state() == net::Stream::State::failed) {
      return cannot_connect(endpoint, stream->trouble().words);
    }
    if (now_steady() >= deadline) {
      return cannot_connect(endpoint, net::silence_words(stream->state()));
    }
    std::vector<pollfd> entries{{stop_fd, POLLIN, 0}};
    stream->collect(entries);
    const auto until = std::min(deadline, stream->next_deadline());
    if (::poll(entries.data(), entries.size(), milliseconds_until(until)) < 0 && errno != EINTR) {
      return fail_errno("cannot wait for " + to_text(endpoint), errno);
    }
    if (entries[0].revents != 0) {
      return ended_by_us(to_text(endpoint));
    }
    stream->advance(entries, now_steady());
  }
  UniqueFd fd = stream->take_descriptor();
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return fd;
}

Result<void> wait_for(int fd, short events, const std::string& peer, Milliseconds silence,
                      int stop_fd) {
  pollfd entries[2] = {{fd, events, 0}, {stop_fd, POLLIN, 0}};
  const auto deadline = now_steady() + silence;
  int ready = 0;
  do {
    ready = ::poll(entries, 2, milliseconds_until(deadline));
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) {
    return fail_errno("cannot wait for " + peer, errno);
  }
  if (ready == 0) {
    return fail(ErrorKind::unavailable,
                fmt::format("no answer from {} for {}", peer, describe_duration(silence)));
  }
  return entries[1].revents != 0 ? Result<void>(ended_by_us(peer)) : Result<void>{};
}

std::string expand_proxy_command(const std::string& command, const std::string& host,
                                 std::uint16_t port, const std::string& user) {
  std::string result;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char letter = command[i] == '%' && i + 1 < command.size() ? command[++i] : '\0';
    if (letter == 'h') {
      result += host;
    } else if (letter == 'p') {
      result += std::to_string(port);
    } else if (letter == 'r') {
      result += user;
    } else {
      result += command[i];
    }
  }
  return result;
}

}  // namespace toolkit::store
