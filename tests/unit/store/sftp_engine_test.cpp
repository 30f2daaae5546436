#include <doctest/doctest.h>
#include <src/store/sftp_session.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

using namespace toolkit;
using namespace toolkit::store;
using namespace toolkit::store::sftp;
using namespace std::string_literals;

namespace {

// One end of a socket pair.
class SocketStream : public ByteStream {
 public:
  explicit SocketStream(UniqueFd fd) : fd_(std::move(fd)) {}
  void collect(std::vector<pollfd>& entries, bool has_output) const override {
    entries.push_back({fd_.get(), static_cast<short>(has_output ? POLLIN | POLLOUT : POLLIN), 0});
  }
  Result<std::size_t> read(std::span<char> into) override {
    const ssize_t count = ::recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
    return count > 0    ? Result<std::size_t>(count)
           : count == 0 ? fail(ErrorKind::unavailable, "closed")
                        : Result<std::size_t>(0);
  }
  Result<std::size_t> write(std::string_view bytes) override {
    const ssize_t count =
        ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }

 private:
  UniqueFd fd_;
};

// An engine, and the server's end of its connection.
struct Pair {
  explicit Pair(Milliseconds silence = Milliseconds(20'000), int stop_fd = -1) {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    server = UniqueFd(fds[1]);
    auto started =
        Engine::start(std::make_unique<SocketStream>(UniqueFd(fds[0])), "gpu1", silence, stop_fd);
    REQUIRE(started);
    engine = std::move(*started);
    CHECK(take(9) == init_packet());
  }
  [[nodiscard]] std::string take(std::size_t count) const {
    std::string bytes(count, '\0');
    REQUIRE(::recv(server.get(), bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count));
    return bytes;
  }
  // STATUS of a request, with its own number as words.
  void answer(char id) const {
    const std::string bytes = "\0\0\0\x12\x65\0\0\0"s + id + "\0\0\0\0\0\0\0\1"s + id + "\0\0\0\0"s;
    REQUIRE(::send(server.get(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
  }
  UniqueFd server;
  std::unique_ptr<Engine> engine;
};

Request request() { return std::move(Request(Type::stat).text("x")); }

}  // namespace

TEST_CASE("each answer finds who asked, in whatever order they come") {
  Pair pair;
  auto first = pair.engine->send(request());
  auto second = pair.engine->send(request());
  CHECK(pair.take(28).substr(5, 4) == "\0\0\0\1"s);
  pair.answer(2);
  pair.answer(1);
  CHECK(parse_status(*second.get())->words == "\2");
  CHECK(parse_status(*first.get())->words == "\1");
}

TEST_CASE("a lost connection fails what is open and what comes later") {
  Pair pair;
  auto open = pair.engine->send(request());
  CHECK(pair.engine->is_alive());
  pair.server.close();
  CHECK(open.get().error().kind == ErrorKind::unavailable);
  CHECK_FALSE(pair.engine->is_alive());
  CHECK(pair.engine->send(request()).get().error().message == "closed");
  CHECK(pair.engine->greeting().get().error().kind == ErrorKind::unavailable);
}

TEST_CASE("a server that says nothing is given up, one that nobody asks is not") {
  Pair pair(Milliseconds(50));
  const auto greeting = pair.engine->greeting().get();
  CHECK(greeting.error().kind == ErrorKind::unavailable);
  CHECK(greeting.error().message == "no answer from gpu1 for 50ms");
}

TEST_CASE("an idle connection stays") {
  Pair pair(Milliseconds(50));
  const std::string version = "\0\0\0\5\2\0\0\0\3"s;
  REQUIRE(::send(pair.server.get(), version.data(), version.size(), 0) == 9);
  REQUIRE(pair.engine->greeting().get());
  ::usleep(150'000);
  auto open = pair.engine->send(request());
  (void)pair.take(14);
  pair.answer(1);
  CHECK(open.get());
}

TEST_CASE("the stop descriptor ends every wait at once") {
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  const UniqueFd stop(fds[0]);
  UniqueFd stopper(fds[1]);
  Pair pair(Milliseconds(60'000), stop.get());
  std::vector<Ticket> open;
  for (int i = 0; i < 100; ++i) {  // as many as make the engine nap
    open.push_back(pair.engine->send(request()));
  }
  stopper.close();
  for (Ticket& ticket : open) {
    CHECK(ticket.get().error().kind == ErrorKind::interrupted);
  }
}

TEST_CASE("who sends much waits for the server to read, and no memory is filled") {
  Pair pair(Milliseconds(200));
  std::vector<Ticket> open;
  bool failed = false;
  for (int i = 0; i < 1000 && !failed; ++i) {  // 100 MB
    Request write(Type::write);
    (void)write.data(100'000);
    open.push_back(pair.engine->send(std::move(write)));
    failed = !pair.engine->is_alive();
  }
  CHECK(failed);
  CHECK(open.size() < 100);
}

TEST_CASE("a login script that talks, or an answer that nobody asked for, ends it") {
  for (const std::string& bytes : {"Hello from .bashrc\n"s, "\0\0\0\5\x65\0\0\0\x63"s}) {
    Pair pair;
    REQUIRE(::send(pair.server.get(), bytes.data(), bytes.size(), 0) > 0);
    const auto greeting = pair.engine->greeting().get();
    REQUIRE_FALSE(greeting);
    CHECK((greeting.error().message.find("Hello from .bashrc") != std::string::npos ||
           greeting.error().kind == ErrorKind::unavailable));
  }
}

TEST_CASE("a fault becomes an error with the thing, the reason and the kind") {
  const Error missing = explain("cannot read gpu1:x", {Status::no_such_file, "No such file", {}});
  CHECK(missing.kind == ErrorKind::not_found);
  CHECK(missing.message == "cannot read gpu1:x: no such file or directory");
  const Error words = explain("cannot write gpu1:x", {Status::failure, "quota exceeded", {}});
  CHECK(words.kind == ErrorKind::failed);
  CHECK(words.message == "cannot write gpu1:x: quota exceeded");
  CHECK(explain("x", {Status::permission_denied, "", {}}).kind == ErrorKind::denied);
  const Fault lost{Status::failure, "", Error{ErrorKind::unavailable, "gone", "wait", 0}};
  CHECK(explain("x", lost).message == "x: gone");
  CHECK_FALSE(lost.is(Status::failure));
}
