#pragma once
// A TCP server on loopback that plays a script with each connection and counts them.

#include <toolkit/base/unique_fd.hpp>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace toolkit::support {

/// One connection, from the server's side.
class Visitor {
 public:
  Visitor(int fd, int stop_fd) : fd_(fd), stop_fd_(stop_fd) {}

  void say(const std::string& bytes) const {
    (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  /// What has come once all of `text` was in it; less when the visitor left or the test ended.
  std::string hear(const std::string& text) const {
    std::string heard;
    char buffer[1024];
    while (heard.find(text) == std::string::npos && wait_for_bytes()) {
      const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
      if (count <= 0) {
        break;
      }
      heard.append(buffer, static_cast<std::size_t>(count));
    }
    return heard;
  }
  /// Until the visitor leaves; what it said.
  std::string hear_out() const { return hear(std::string("\0never said\0", 12)); }

 private:
  bool wait_for_bytes() const {
    pollfd entries[2] = {{fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
    return ::poll(entries, 2, 20'000) > 0 && entries[1].revents == 0;
  }
  int fd_, stop_fd_;
};

class ScriptedServer {
 public:
  /// `script` is called in a thread of its own with each connection and its number from 1; the
  /// connection is closed when it returns.
  using Script = std::function<void(const Visitor&, int)>;

  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd_.get(), generic, size) == 0);
    REQUIRE(::listen(fd_.get(), 16) == 0);
    REQUIRE(::getsockname(fd_.get(), generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    stop_reading_ = UniqueFd(ends[0]);
    stop_writing_ = UniqueFd(ends[1]);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedServer() {
    stop_writing_.close();  // readable for everybody: the end
    thread_.join();
    for (std::thread& thread : visits_) {
      thread.join();
    }
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve() {
    for (;;) {
      pollfd entries[2] = {{fd_.get(), POLLIN, 0}, {stop_reading_.get(), 0, 0}};
      (void)::poll(entries, 2, -1);
      if (entries[1].revents != 0) {
        return;
      }
      const int fd = ::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      const int number = ++connections_;
      visits_.emplace_back([this, fd, number] {
        const UniqueFd owner(fd);
        script_(Visitor(fd, stop_reading_.get()), number);
      });
    }
  }

  Script script_;
  UniqueFd fd_, stop_reading_, stop_writing_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> visits_;
  std::thread thread_;
};

}  // namespace toolkit::support
