#pragma once
// A small HTTP/1.1 server on loopback whose answers a test writes: stands in for what cannot be had
// (a proxy, STS, a metadata service) and for servers that behave badly. Connections are kept.

#include <sys/socket.h>
#include <tests/unit/net/drive.hpp>

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace toolkit::support {

struct HttpHeard {
  std::string method, target, head, body;
  int connection = 0;  // from 1 on

  /// The field's value; empty when there is none. The name as it is sent.
  [[nodiscard]] std::string field(std::string_view name) const {
    const std::string begin = "\r\n" + std::string(name) + ": ";
    const std::size_t at = head.find(begin);
    return at == std::string::npos
               ? ""
               : head.substr(at + begin.size(), head.find("\r\n", at + 2) - at - begin.size());
  }
};

class HttpServer {
 public:
  /// Gives the bytes to answer with; "" closes the connection. Called by a thread a connection, one
  /// at a time. What it heard is kept.
  using Handler = std::function<std::string(const HttpHeard&)>;

  explicit HttpServer(Handler handler)
      : handler_(std::move(handler)), acceptor_([this] { accept_all(); }) {}
  ~HttpServer() {
    ::shutdown(listener_.fd.get(), SHUT_RDWR);
    acceptor_.join();
    for (Connection& connection : connections_) {
      ::shutdown(connection.fd.get(), SHUT_RDWR);
      connection.thread.join();
    }
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(listener_.port);
  }
  [[nodiscard]] std::string url() const { return "http://" + address(); }
  [[nodiscard]] std::uint16_t port() const { return listener_.port; }
  [[nodiscard]] std::vector<HttpHeard> heard() const {
    const std::scoped_lock lock(mutex_);
    return heard_;
  }

  static std::string answer(std::string_view status, std::string_view body,
                            std::string_view fields = "") {
    return "HTTP/1.1 " + std::string(status) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) +
           "\r\n" + std::string(body);
  }

 private:
  struct Connection {
    UniqueFd fd;
    std::thread thread;
  };

  void accept_all() {
    while (true) {
      UniqueFd fd(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) {
        return;
      }
      Connection& made = connections_.emplace_back();
      made.fd = std::move(fd);
      const int number = static_cast<int>(connections_.size());
      made.thread = std::thread([this, number, descriptor = made.fd.get()] {
        while (serve_one(descriptor, number)) {
        }
        ::shutdown(descriptor, SHUT_RDWR);
      });
    }
  }

  static bool receive(int fd, std::string& into) {
    char buffer[4096];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    into.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return got > 0;
  }

  bool serve_one(int fd, int number) {
    HttpHeard heard;
    heard.connection = number;
    std::size_t end = 0;
    while ((end = heard.head.find("\r\n\r\n")) == std::string::npos) {
      if (!receive(fd, heard.head)) {
        return false;
      }
    }
    heard.body = heard.head.substr(end + 4);
    heard.head.resize(end + 2);
    heard.method = heard.head.substr(0, heard.head.find(' '));
    heard.target = heard.head.substr(heard.method.size() + 1);
    heard.target.resize(heard.target.find(' '));
    const std::string length = heard.field("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (heard.body.size() < size && heard.field("Expect").empty()) {
      if (!receive(fd, heard.body)) {
        return false;
      }
    }
    std::unique_lock lock(mutex_);
    heard_.push_back(heard);
    const std::string bytes = handler_(heard);
    lock.unlock();  // who reads slowly must not hold up the others
    return !bytes.empty() && ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                                 static_cast<ssize_t>(bytes.size());
  }

  Listener listener_;
  Handler handler_;
  mutable std::mutex mutex_;
  std::vector<HttpHeard> heard_;
  std::list<Connection> connections_;
  std::thread acceptor_;
};

}  // namespace toolkit::support
