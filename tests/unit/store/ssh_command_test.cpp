#include <doctest/doctest.h>
#include <poll.h>
#include <src/store/ssh_child.hpp>
#include <src/store/ssh_connect.hpp>
#include <src/store/ssh_process.hpp>
#include <src/store/ssh_words.hpp>
#include <unistd.h>

using namespace toolkit;
using namespace toolkit::store;

using Words = std::vector<std::string>;

TEST_CASE("the words of -e are split at spaces, and held together by quotes") {
  CHECK(split_command("ssh -i  key") == Words{"ssh", "-i", "key"});
  CHECK(split_command("'/a b/ssh' -o \"X='y z'\"") == Words{"/a b/ssh", "-o", "X='y z'"});
  CHECK(split_command("ssh -o X='' ''") == Words{"ssh", "-o", "X=", ""});
  CHECK(split_command("ssh 'x").error().kind == ErrorKind::usage);
  CHECK(split_command("  ").error().kind == ErrorKind::usage);
}

TEST_CASE("behind the words of -e comes what a subsystem needs") {
  Location location;
  location.host = "gpu1";
  SshSettings settings;
  settings.command = "/usr/bin/ssh -i key";
  CHECK(sftp_command(location, settings) ==
        Words{"/usr/bin/ssh", "-i", "key", "-o", "BatchMode=yes", "-s", "--", "gpu1", "sftp"});
  location.user = "me";
  location.port = 2222;
  settings.command = "my-ssh";
  settings.accept_new_host_key = true;
  CHECK(sftp_command(location, settings) ==
        Words{"my-ssh", "-l", "me", "-p", "2222", "-s", "--", "gpu1", "sftp"});
  settings.command = "ssh";
  CHECK(sftp_command(location, settings) == Words{"ssh", "-o", "BatchMode=yes", "-o",
                                                  "StrictHostKeyChecking=accept-new", "-l", "me",
                                                  "-p", "2222", "-s", "--", "gpu1", "sftp"});
}

TEST_CASE("a ProxyCommand is told where to go") {
  CHECK(expand_proxy_command("nc %h %p # %r 100%% %", "gpu1", 22, "me") ==
        "nc gpu1 22 # me 100% %");
}

TEST_CASE("a child's connection ends with it, and the child with its owner") {
  auto child = SshChild::start({"/bin/sh", "-c", "echo so long >&2; exec cat"}, "");
  REQUIRE(child);
  const int fd = child->socket.get();
  REQUIRE(::write(fd, "hello", 5) == 5);
  REQUIRE(wait_for(fd, POLLIN, "cat", Milliseconds(10'000), -1));
  char bytes[10];
  CHECK(::read(fd, bytes, sizeof bytes) == 5);
  const SshChild taken = std::move(*child);
  CHECK(taken.socket.get() == fd);
  CHECK(SshChild::start({"no-such-program"}, "/bin").error().message.find("no-such-program") !=
        std::string::npos);
}

TEST_CASE("waiting ends in silence, or when it is told to") {
  int fds[2];
  REQUIRE(::pipe(fds) == 0);
  const UniqueFd from(fds[0]), to(fds[1]);
  CHECK(wait_for(from.get(), POLLIN, "peer", Milliseconds(1), -1).error().kind ==
        ErrorKind::unavailable);
  int stop[2];
  REQUIRE(::pipe(stop) == 0);
  const UniqueFd stop_fd(stop[0]), stopper(stop[1]);
  REQUIRE(::write(stopper.get(), "", 1) == 1);
  CHECK(wait_for(from.get(), POLLIN, "peer", Milliseconds(60'000), stop_fd.get()).error().kind ==
        ErrorKind::interrupted);
}

TEST_CASE("what an ssh client says last decides whether to try again") {
  CHECK(kind_of_ssh_words("me@x: Permission denied (publickey).\r\n") == ErrorKind::denied);
  CHECK(kind_of_ssh_words("Host key verification failed.\r\n") == ErrorKind::denied);
  CHECK(kind_of_ssh_words("ssh: connect to host x port 22: Connection refused") ==
        ErrorKind::unavailable);
  CHECK(last_line("one\r\ntwo\r\n\r\n") == "two");
  CHECK(last_line("") == "");
  CHECK(first_line("\nSorry\x1b\nbye") == "Sorry\\x1b");
}

TEST_CASE("keys that did not help are named, with what would") {
  KeysTried tried;
  CHECK(no_key_accepted("me@x", tried, "publickey").message ==
        "me@x wants a key, and there is none; it takes publickey");
  tried.refused = {"/k/id_rsa"};
  tried.encrypted = {"/k/id_ed25519"};
  const Error error = no_key_accepted("me@x", tried, "");
  CHECK(error.kind == ErrorKind::denied);
  CHECK(error.message ==
        "me@x accepts none of our keys: tried /k/id_rsa (refused), /k/id_ed25519 (needs a "
        "passphrase)");
  CHECK(error.remedy.find("ssh-add /k/id_ed25519") != std::string::npos);
}
