#pragma once
// A name server on loopback whose answers are written by the test: one UDP socket, one thread.

#include <sys/eventfd.h>
#include <tests/unit/net/drive.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace toolkit::support {

/// A DNS message, RFC 1035 (4.1), put together by hand.
class DnsMessage {
 public:
  /// An answer to `question` (a query's bytes) with a response code: 0 no error, 2 SERVFAIL,
  /// 3 NXDOMAIN, 5 REFUSED.
  DnsMessage(const std::string& question, unsigned code) : bytes_(question) {
    bytes_.resize(question.find('\0', 12) + 5);  // without what follows the question (EDNS)
    bytes_[2] = '\x81';
    bytes_[3] = static_cast<char>(0x80 | code);
    bytes_.replace(4, 8, std::string("\0\1\0\0\0\0\0\0", 8));
  }
  void add_answer(unsigned type, const std::string& data) { add(7, "\xC0\x0C", type, data); }
  void add_additional(const std::string& name, unsigned type, const std::string& data) {
    add(11, name, type, data);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  static std::string number(unsigned value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
  }
  /// "a.b" as labels.
  static std::string name(const std::string& dotted) {
    std::string labels;
    for (std::size_t at = 0; at <= dotted.size();) {
      const std::size_t end = std::min(dotted.find('.', at), dotted.size());
      labels += static_cast<char>(end - at) + dotted.substr(at, end - at);
      at = end + 1;
    }
    return labels + '\0';
  }
  /// What is asked for: 1 A, 28 AAAA, 33 SRV.
  static unsigned type_of(const std::string& question) {
    const std::size_t at = question.find('\0', 12) + 1;
    return static_cast<unsigned char>(question[at]) * 256U +
           static_cast<unsigned char>(question[at + 1]);
  }

 private:
  void add(std::size_t counter, const std::string& name, unsigned type, const std::string& data) {
    ++bytes_[counter];
    bytes_ += name + number(type) + number(1) + std::string("\0\0\0\x3C", 4) +
              number(static_cast<unsigned>(data.size())) + data;
  }
  std::string bytes_;
};

class NameServer {
 public:
  /// Called with each question; an empty answer is not sent.
  using Script = std::function<std::string(const std::string& question)>;

  explicit NameServer(Script script)
      : socket_(AF_INET, SOCK_DGRAM),
        script_(std::move(script)),
        stop_(::eventfd(0, EFD_CLOEXEC)),
        thread_([this] { serve(); }) {}
  ~NameServer() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(socket_.port); }
  [[nodiscard]] int questions() const { return questions_; }

 private:
  void serve() {
    while (true) {
      pollfd entries[] = {{socket_.fd.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      ::poll(entries, 2, -1);
      if (entries[1].revents != 0) {
        return;
      }
      std::string question(1500, '\0');
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_.fd.get(), question.data(), question.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (got <= 12) {
        continue;
      }
      question.resize(static_cast<std::size_t>(got));
      ++questions_;
      const std::string answer = script_(question);
      if (!answer.empty()) {
        ::sendto(socket_.fd.get(), answer.data(), answer.size(), 0,
                 reinterpret_cast<const sockaddr*>(&from), size);
      }
    }
  }

  Listener socket_;
  Script script_;
  std::atomic<int> questions_ = 0;
  UniqueFd stop_;
  std::thread thread_;
};

}  // namespace toolkit::support
