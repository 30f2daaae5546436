#pragma once
// A server on loopback that does what a test says with each connection, one after the other.

#include <sys/eventfd.h>
#include <tests/unit/net/drive.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace toolkit::support {

class TalkingServer {
 public:
  /// Gets each connection's descriptor; it is closed when the script returns. `stop` is readable
  /// when the test is over.
  using Script = std::function<void(int fd, int stop)>;

  explicit TalkingServer(Script script)
      : script_(std::move(script)),
        stop_(::eventfd(0, EFD_CLOEXEC)),
        thread_([this] { serve(); }) {}
  ~TalkingServer() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  TalkingServer(const TalkingServer&) = delete;
  TalkingServer& operator=(const TalkingServer&) = delete;

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(listener_.port);
  }
  [[nodiscard]] int connections() const { return connections_; }

  static void say(int fd, std::string_view bytes) {
    ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  /// Until the peer has said something that ends so.
  static std::string hear(int fd, std::string_view end) {
    std::string heard;
    char byte = 0;
    while (!heard.ends_with(end) && ::recv(fd, &byte, 1, 0) == 1) {
      heard += byte;
    }
    return heard;
  }
  /// True when the test is over before this time has passed.
  static bool is_over(int stop, Milliseconds after) {
    pollfd entry{stop, POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(after.count())) > 0;
  }

 private:
  void serve() {
    while (true) {
      pollfd entries[] = {{listener_.fd.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      ::poll(entries, 2, -1);
      if (entries[1].revents != 0) {
        return;
      }
      const UniqueFd fd(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
      ++connections_;
      script_(fd.get(), stop_.get());
    }
  }

  Listener listener_;
  Script script_;
  std::atomic<int> connections_ = 0;
  UniqueFd stop_;
  std::thread thread_;
};

}  // namespace toolkit::support
