#pragma once
// One connection to an SFTP server: any number of threads send requests, one thread of its own
// moves the bytes and hands each answer to whoever asked. When the connection is lost, or nothing
// moves for too long, or the stop descriptor becomes readable, every request that is open fails,
// and each later one at once.

#include "byte_stream.hpp"
#include "sftp_ticket.hpp"

#include <toolkit/base/duration.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace toolkit::store::sftp {

class Engine {
 public:
  /// `peer` names the server in messages. Says hello by itself: see greeting(). `stop_fd` is
  /// borrowed, -1 for none.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> start(std::unique_ptr<ByteStream> stream,
                                                             std::string peer, Milliseconds silence,
                                                             int stop_fd);
  ~Engine();

  /// The server's VERSION. Once.
  [[nodiscard]] Ticket& greeting() { return greeting_; }
  /// Blocks only while 4 MiB are waiting to go out.
  [[nodiscard]] Ticket send(Request request);
  [[nodiscard]] bool is_alive() const;

 private:
  using Slots = std::vector<std::shared_ptr<Slot>>;

  Engine(std::unique_ptr<ByteStream> stream, std::string peer, Milliseconds silence, int stop_fd,
         UniqueFd wake);
  void post(std::string bytes);
  void run();
  Result<void> exchange();
  Result<bool> look_around();
  Result<void> wait(bool not_at_all);
  Result<bool> receive();
  Result<bool> transmit();
  void take_output();
  Result<void> dispatch();
  Result<void> lay_down(Slots& awaited);
  void end_with(const Error& error);

  std::unique_ptr<ByteStream> stream_;
  const std::string peer_;
  const Milliseconds silence_;
  const int stop_fd_;
  UniqueFd wake_;  // an eventfd: there is something to send, or an end to make

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::unordered_map<std::uint32_t, std::shared_ptr<Slot>> open_;
  std::deque<std::string> outbox_;
  std::size_t outbox_bytes_ = 0;
  std::uint32_t last_id_ = 0;
  std::optional<Error> end_;
  bool closing_ = false;
  bool sleeping_ = false;  // the thread: it is to be woken for what is to be sent

  // Of the thread alone.
  std::deque<std::string> going_;
  std::size_t gone_ = 0;  // bytes of the first of going_
  FrameReader frames_;
  std::vector<char> buffer_;
  SteadyTime last_sign_;
  bool was_waited_for_ = false;
  bool server_is_busy_ = false;

  Ticket greeting_;
  std::thread thread_;
};

}  // namespace toolkit::store::sftp
