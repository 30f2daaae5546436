#pragma once
// A barrier on loopback and clients that speak bytes, all in one thread: while a client waits for
// an answer it drives the barrier.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/rendezvous/barrier.hpp>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <src/rendezvous/frame.hpp>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace toolkit::rendezvous {

inline std::unique_ptr<Barrier> host(std::int64_t workers, BarrierEnd end = BarrierEnd::left) {
  auto barrier = Barrier::listen({.host = "127.0.0.1", .port = 0, .workers = workers, .end = end});
  REQUIRE(barrier);
  return std::move(*barrier);
}

/// Lets the barrier go on until it is so. False after ten seconds.
template <typename Predicate>
bool drive(Barrier& barrier, Predicate predicate) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!predicate()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::vector<pollfd> entries;
    barrier.collect(entries);
    ::poll(entries.data(), entries.size(), 1);
    barrier.advance(entries, std::chrono::steady_clock::now());
  }
  return true;
}

class RawClient {
 public:
  explicit RawClient(Barrier& barrier)
      : barrier_(barrier), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(barrier.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  void send(std::string_view bytes) {
    std::size_t sent = 0;
    REQUIRE(drive(barrier_, [&] {
      const ssize_t count =
          ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      sent += count > 0 ? static_cast<std::size_t>(count) : 0;
      return sent == bytes.size() || (count < 0 && errno != EAGAIN);
    }));
  }
  void send(Numbering numbering, const Request& request) { send(encode(numbering, request)); }

  /// So many bytes, or fewer when the connection ends.
  std::string receive(std::size_t count) {
    std::string bytes;
    REQUIRE(drive(barrier_, [&] {
      look(bytes, count);
      return bytes.size() == count || closed_;
    }));
    return bytes;
  }
  std::string ask(Numbering numbering, const Request& request, std::size_t count) {
    send(numbering, request);
    return receive(count);
  }
  /// The other side closes it, with nothing more to say.
  bool is_closed() {
    std::string bytes;
    return drive(barrier_, [&] { return look(bytes, 1), closed_; }) && bytes.empty();
  }
  /// Nothing comes, though the barrier goes on for a while.
  bool is_silent() {
    std::string bytes;
    for (int i = 0; i < 20; ++i) {
      drive(barrier_, [calls = 0]() mutable { return ++calls > 2; });
      look(bytes, 1);
    }
    return bytes.empty() && !closed_;
  }
  void close() { fd_.close(); }

 private:
  void look(std::string& bytes, std::size_t wanted) {
    std::array<char, 1 << 16> buffer;
    const ssize_t count = ::recv(fd_.get(), buffer.data(),
                                 std::min(buffer.size(), wanted - bytes.size()), MSG_DONTWAIT);
    if (count > 0) {
      bytes.append(buffer.data(), static_cast<std::size_t>(count));
    }
    closed_ = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
  }

  Barrier& barrier_;
  UniqueFd fd_;
  bool closed_ = false;
};

}  // namespace toolkit::rendezvous
