// The store as its users have it: many threads, one connection, a server that goes away. Against a
// real sshd, which only root can be one for.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <signal.h>
#include <src/store/sftp_store.hpp>
#include <sys/socket.h>
#include <tests/support/process.hpp>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>
#include <thread>

using namespace toolkit;
using namespace toolkit::store;
using namespace toolkit::support;

namespace {

class Bytes : public Content {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    return bytes_.substr(std::min<std::uint64_t>(offset, bytes_.size()))
        .copy(into.data(), into.size());
  }
  [[nodiscard]] const Entry& entry() const override { return entry_; }
  Result<Entry> stat() override { return entry_; }

 private:
  std::string bytes_;
  Entry entry_;
};

class CountingFlow : public Flow {
 public:
  Result<void> pass(std::size_t bytes) override {
    passed += bytes;
    return passed <= limit ? Result<void>{} : fail(ErrorKind::interrupted, "enough");
  }
  void again(std::size_t /*bytes*/) override {}
  std::atomic<std::size_t> passed{0};
  std::size_t limit = SIZE_MAX;
};

int free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

std::string home;  // of the running test, for a function without a state

// An sshd on loopback, and a store on it.
struct Server {
  Server() : port(free_port()) {
    for (const char* const name : {"hostkey", ".ssh/id_ed25519"}) {
      dir.write(std::string(name) + ".pub", "");
      REQUIRE(
          run_program({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", dir / name}, {"y\n"})
              .exit_code == 0);
    }
    dir.write("config", "Port " + std::to_string(port) + "\nListenAddress 127.0.0.1\nHostKey " +
                            (dir / "hostkey") + "\nAuthorizedKeysFile " +
                            (dir / ".ssh/id_ed25519.pub") +
                            "\nPidFile none\nStrictModes no\nUsePAM no\n"
                            "Subsystem sftp internal-sftp\nPermitRootLogin prohibit-password\n");
    start();
    home = dir.path();
    Location location;
    location.kind = Location::Kind::sftp;
    location.host = "127.0.0.1";
    location.user = "root";
    location.port = static_cast<std::uint16_t>(port);
    location.path = dir / "dest";
    Settings settings;
    settings.ssh.accept_new_host_key = true;
    settings.get_env = [](const char* name) {
      return std::string_view(name) == "HOME" ? home.c_str() : nullptr;
    };
    settings.silence = Milliseconds(60'000);
    store = std::make_unique<SftpStore>(location, settings);
  }
  void start() {
    sshd = std::make_unique<Process>(
        std::vector<std::string>{"/usr/sbin/sshd", "-D", "-e", "-f", dir / "config"});
    REQUIRE(sshd->wait_for_err("Server listening"));
  }
  [[nodiscard]] std::string dest(const std::string& key) const { return dir / ("dest/" + key); }

  TempDir dir;
  int port;
  std::unique_ptr<Process> sshd;
  std::unique_ptr<SftpStore> store;
};

bool is_possible() {
  const bool possible =
      ::geteuid() == 0 && file_exists("/usr/sbin/sshd") && file_exists("/run/sshd");
  if (!possible) {
    MESSAGE("skipped: no /usr/sbin/sshd with its /run/sshd here, or not root");
  }
  return possible;
}

Target target(const std::string& key, std::size_t size) {
  return {key, size, 1'700'000'000'000'000'000, 0600};
}

}  // namespace

TEST_CASE("threads share one connection, each with whole files and growing ones") {
  if (!is_possible()) {
    return;
  }
  Server server;
  std::atomic<int> wrong = 0;
  const auto work = [&](int number) {
    CountingFlow flow;
    std::string memo;
    for (int round = 0; round < 8; ++round) {
      const std::string name = std::to_string(number) + "/" + std::to_string(round);
      const std::string bytes(static_cast<std::size_t>(number * 100'000 + round), 'a');
      Bytes content(bytes);
      wrong += server.store->put(target(name, bytes.size()), content, flow, memo) ? 0 : 1;
      wrong += server.store->append(target(name + ".log", bytes.size() / 2), 0, content, flow, memo)
                   ? 0
                   : 1;
      wrong += server.store->append(target(name + ".log", bytes.size()), bytes.size() / 2, content,
                                    flow, memo)
                   ? 0
                   : 1;
      wrong += read_file_or_empty(server.dest(name)) == bytes &&
                       read_file_or_empty(server.dest(name + ".log")) == bytes
                   ? 0
                   : 1;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i <= 6; ++i) {
    threads.emplace_back(work, i);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
  const auto entry = server.store->stat("1/0");
  REQUIRE(entry);
  REQUIRE(*entry);
  CHECK((*entry)->mtime == 1'700'000'000'000'000'000);
  CHECK((*entry)->mode == 0600);
  const auto listed = server.store->list("1");
  REQUIRE(listed);
  CHECK(listed->size() == 16);
  CHECK(std::ranges::is_sorted(*listed, {}, &Entry::name));
}

TEST_CASE("the call after a lost connection makes a new one") {
  if (!is_possible()) {
    return;
  }
  Server server;
  Bytes content("hello");
  CountingFlow flow;
  std::string memo;
  REQUIRE(server.store->put(target("a", 5), content, flow, memo));
  server.sshd = nullptr;  // with all below
  bool lost = false;
  for (int tries = 0; tries < 3 && !lost; ++tries) {
    const auto result = server.store->put(target("b", 5), content, flow, memo);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::unavailable);
    lost = result.error().message.find("refused") != std::string::npos;
  }
  CHECK(lost);
  server.start();
  REQUIRE(server.store->put(target("b", 5), content, flow, memo));
  CHECK(read_file(server.dest("b")) == "hello");
}

TEST_CASE("a transfer that its flow ends leaves the old file, and no draft") {
  if (!is_possible()) {
    return;
  }
  Server server;
  CountingFlow flow;
  std::string memo;
  Bytes old("old"), content(std::string(3'000'000, 'x'));
  REQUIRE(server.store->put(target("a", 3), old, flow, memo));
  flow.limit = 1'500'000;
  const auto put = server.store->put(target("a", 3'000'000), content, flow, memo);
  REQUIRE_FALSE(put);
  CHECK(put.error().kind == ErrorKind::interrupted);
  CHECK(server.store->list("")->size() == 1);
  CHECK(read_file(server.dest("a")) == "old");
}

TEST_CASE("a large file goes on where it was cut off, if what is there is its beginning") {
  if (!is_possible()) {
    return;
  }
  constexpr std::size_t kSize = 20'000'000, kFirst = 12'000'000;
  std::string bytes(kSize, 'x');
  for (std::size_t i = 0; i < kSize; i += 977) {
    bytes[i] = static_cast<char>('a' + i % 25);
  }
  Server server;
  Bytes content(bytes);
  CountingFlow flow, rest;
  std::string memo;
  flow.limit = kFirst;
  CHECK(server.store->put(target("a", kSize), content, flow, memo).error().kind ==
        ErrorKind::interrupted);
  REQUIRE(memo.starts_with(".a.toolkit-"));
  const std::string draft = server.dest(memo);
  std::size_t most = kSize - kFirst + 1'000'000;  // what the flow had refused may be a piece
  SUBCASE("by whoever comes next, without a note") { memo.clear(); }
  SUBCASE("but for what is damaged, and all behind it") {
    std::string there = read_file(draft);
    there[5'000'000] = '!';
    std::ofstream(draft) << there;
    most = kSize - 5'000'000;
  }
  SUBCASE("and another state of the source begins anew, and leaves none of the old behind") {
    bytes[3] = '?';
    Bytes other(bytes);
    auto later = target("a", kSize);
    later.mtime += 1;
    REQUIRE(server.store->put(later, other, rest, memo));
    most = kSize;
  }
  if (rest.passed == 0) {
    REQUIRE(server.store->put(target("a", kSize), content, rest, memo));
  }
  CHECK(rest.passed <= most);
  CHECK(memo.empty());
  CHECK(read_file(server.dest("a")) == bytes);
  CHECK(server.store->list("")->size() == 1);
}

TEST_CASE("of many small files, growing ones are made in place and take no other's place") {
  if (!is_possible()) {
    return;
  }
  Server server;
  CountingFlow flow;
  std::string memo;
  Bytes old("old"), content("new bytes");
  REQUIRE(server.store->put(target("there.log", 3), old, flow, memo));
  REQUIRE(server.store->put(target("there.pt", 3), old, flow, memo));
  std::vector<Target> targets;
  for (const char* const key : {"there.log", "there.pt", "new/a.log", "new/b.pt"}) {
    targets.push_back(target(key, 9));
    targets.back().growing = targets.back().key.ends_with(".log");
  }
  const std::vector<Content*> contents(4, &content);
  const auto results = server.store->put_many(targets, contents, flow);
  CHECK_FALSE(results[0]);
  CHECK(read_file(server.dest("there.log")) == "old");
  for (const std::size_t i : {1, 2, 3}) {
    CHECK(results[i]);
    CHECK(read_file(server.dest(targets[i].key)) == "new bytes");
    const auto entry = server.store->stat(targets[i].key);
    REQUIRE(entry);
    CHECK((*entry)->mtime == 1'700'000'000'000'000'000);
    CHECK((*entry)->mode == 0600);
  }
  CHECK(server.store->list("")->size() == 3);
  CHECK(server.store->list("new")->size() == 2);
}

TEST_CASE("a source that has become shorter is a conflict, and what grew is its beginning") {
  if (!is_possible()) {
    return;
  }
  Server server;
  CountingFlow flow;
  std::string memo;
  Bytes content("short");
  CHECK(server.store->put(target("a", 10), content, flow, memo).error().kind ==
        ErrorKind::conflict);
  CHECK(server.store->append(target("b", 10), 0, content, flow, memo).error().kind ==
        ErrorKind::conflict);
  CHECK(read_file_or_empty(server.dest("b")).empty());
  CHECK_FALSE(file_exists(server.dest("a")));
}
