#include <toolkit/net/http_client.hpp>

#include <sys/eventfd.h>
#include <tests/support/http_server.hpp>
#include <tests/unit/net/talking_server.hpp>

using namespace toolkit;
using support::HttpHeard;
using support::HttpServer;
using support::TalkingServer;

namespace {

net::ClientRequest request(const std::string& url, std::string method = "GET") {
  net::ClientRequest made;
  made.url = *net::parse_url(url);
  made.method = std::move(method);
  return made;
}

std::unique_ptr<net::HttpClient> client(Milliseconds silence = std::chrono::seconds(20),
                                        int stop_fd = -1) {
  net::HttpClientSettings settings;
  settings.silence = silence;
  settings.stop_fd = stop_fd;
  return net::HttpClient::make(std::move(settings));
}

}  // namespace

TEST_CASE("http client: a connection is kept for the next request") {
  HttpServer server([](const HttpHeard& heard) {
    return HttpServer::answer("200 OK", heard.method + ' ' + heard.target + ' ' + heard.body);
  });
  const auto http = client();
  CHECK(http->send(request(server.url() + "/a"))->body == "GET /a ");
  net::ClientRequest put = request(server.url() + "/b?c=d", "PUT");
  put.bytes = "bytes";
  CHECK(http->send(put)->body == "PUT /b?c=d bytes");
  const auto heard = server.heard();
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].connection == 1);
  CHECK(heard[1].field("Host") == server.address());
  CHECK(heard[1].field("Content-Length") == "5");
  CHECK(heard[0].field("Content-Length").empty());
}

TEST_CASE("http client: a kept connection that the server has closed is no matter") {
  // It says that it stays open, and closes behind the answer: at once, and after the next request.
  HttpServer server([](const HttpHeard& heard) {
    return heard.target == "/drop" && heard.connection == 1
               ? std::string()
               : HttpServer::answer("200 OK", std::to_string(heard.connection));
  });
  const auto http = client();
  CHECK(http->send(request(server.url() + "/"))->body == "1");
  SUBCASE("what can be repeated is repeated, once, on a fresh one") {
    CHECK(http->send(request(server.url() + "/drop"))->body == "2");
  }
  SUBCASE("what cannot be repeated fails") {
    net::ClientRequest append = request(server.url() + "/drop", "PUT");
    append.repeatable = false;
    const auto result = http->send(append);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::unavailable);
    CHECK(result.error().message.find(server.address() + ": closed") == 0);
  }
}

TEST_CASE("http client: a fresh connection that is closed without an answer is an error") {
  HttpServer server([](const HttpHeard&) { return std::string(); });
  const auto result = client()->send(request(server.url() + "/"));
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::unavailable);
  CHECK(server.heard().size() == 1);
}

TEST_CASE("http client: a body comes from a callback, piece by piece") {
  HttpServer server(
      [](const HttpHeard& heard) { return HttpServer::answer("200 OK", heard.body); });
  const std::string bytes = "0123456789";
  net::ClientRequest put = request(server.url() + "/", "PUT");
  put.body_size = bytes.size();
  std::vector<std::uint64_t> offsets;
  put.body = [&](std::uint64_t offset) -> Result<std::string_view> {
    offsets.push_back(offset);
    return std::string_view(bytes).substr(offset, 4);
  };
  CHECK(client()->send(put)->body == bytes);
  CHECK(offsets == std::vector<std::uint64_t>{0, 4, 8});
  SUBCASE("which may give more than is wanted") {
    put.body_size = 6;
    CHECK(client()->send(put)->body == "012345");
  }
  SUBCASE("whose error is the result") {
    put.body = [](std::uint64_t) -> Result<std::string_view> {
      return fail(ErrorKind::interrupted, "no more");
    };
    CHECK(client()->send(put).error().message == "no more");
  }
}

TEST_CASE("http client: a good answer's body goes to the sink, another one's does not") {
  HttpServer server([](const HttpHeard& heard) {
    return heard.target == "/good" ? std::string(
                                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                         "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
                                   : HttpServer::answer("404 Not Found", "sorry");
  });
  const auto http = client();
  std::string got;
  net::ClientRequest get = request(server.url() + "/good");
  get.sink = [&got](std::string_view piece) -> Result<void> {
    got += piece;
    return {};
  };
  CHECK(http->send(get)->body.empty());
  CHECK(got == "abcdefg");
  get.url = *net::parse_url(server.url() + "/bad");
  CHECK(http->send(get)->body == "sorry");
  CHECK(got == "abcdefg");
  SUBCASE("an error of the sink is the result") {
    get.url = *net::parse_url(server.url() + "/good");
    get.sink = [](std::string_view) -> Result<void> { return fail(ErrorKind::failed, "full"); };
    CHECK(http->send(get).error().message == "full");
  }
}

TEST_CASE("http client: what is kept of a body is bounded, and the connection is not used again") {
  HttpServer server(
      [](const HttpHeard&) { return HttpServer::answer("200 OK", std::string(1000, 'x')); });
  const auto http = client();
  net::ClientRequest get = request(server.url() + "/");
  get.body_limit = 10;
  for (int i = 1; i <= 2; ++i) {
    const auto answer = http->send(get);
    REQUIRE(answer);
    CHECK(answer->body == "xxxxxxxxxx");
    CHECK(answer->body_cut);
    CHECK(server.heard().back().connection == i);
  }
}

TEST_CASE("http client: asked first, a server can refuse a body before it is sent") {
  int pieces = 0;
  net::ClientRequest put;
  const std::string bytes(100'000, 'x');
  put.method = "PUT";
  put.body_size = bytes.size();
  put.expect_continue = true;
  put.body = [&](std::uint64_t offset) -> Result<std::string_view> {
    ++pieces;
    return std::string_view(bytes).substr(offset);
  };
  SUBCASE("it refuses") {
    HttpServer server([](const HttpHeard&) { return HttpServer::answer("403 Forbidden", "no"); });
    put.url = *net::parse_url(server.url() + "/");
    CHECK(client()->send(put)->status == 403);
    CHECK(pieces == 0);
    CHECK(server.heard()[0].field("Expect") == "100-continue");
  }
  SUBCASE("it agrees") {
    TalkingServer server([&](int fd, int) {
      TalkingServer::hear(fd, "\r\n\r\n");
      TalkingServer::say(fd, "HTTP/1.1 100 Continue\r\n\r\n");
      TalkingServer::hear(fd, bytes);
      TalkingServer::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    put.url = *net::parse_url("http://" + server.address());
    CHECK(client()->send(put)->status == 200);
    CHECK(pieces == 1);
  }
  SUBCASE("it does not know the question, and waits for the body") {
    TalkingServer server([&](int fd, int) {
      TalkingServer::hear(fd, bytes);
      TalkingServer::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    put.url = *net::parse_url("http://" + server.address());
    CHECK(client()->send(put)->status == 200);
    CHECK(pieces == 1);
  }
}

TEST_CASE("http client: an answer in the middle of the body ends the sending") {
  TalkingServer server([](int fd, int stop) {
    TalkingServer::hear(fd, "\r\n\r\n");
    TalkingServer::say(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    (void)TalkingServer::is_over(stop, std::chrono::seconds(20));  // and reads nothing more
  });
  net::ClientRequest put = request("http://" + server.address(), "PUT");
  const std::string bytes(1 << 20, 'x');
  put.body_size = std::uint64_t{1} << 40;  // for ever
  put.body = [&](std::uint64_t) -> Result<std::string_view> { return std::string_view(bytes); };
  const auto answer = client()->send(put);
  REQUIRE_MESSAGE(answer, answer.error().message);
  CHECK(answer->status == 403);
  CHECK(answer->body == "no");
}

TEST_CASE("http client: silence and the stop descriptor end a call") {
  TalkingServer server([](int fd, int stop) {
    TalkingServer::hear(fd, "\r\n\r\n");
    (void)TalkingServer::is_over(stop, std::chrono::seconds(20));
  });
  SUBCASE("silence") {
    const auto result = client(Milliseconds(50))->send(request("http://" + server.address()));
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::unavailable);
    CHECK(result.error().message == server.address() + ": no answer for 50ms");
  }
  SUBCASE("stop") {
    const UniqueFd stop(::eventfd(1, EFD_CLOEXEC));
    const auto result =
        client(std::chrono::seconds(20), stop.get())->send(request("http://" + server.address()));
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::interrupted);
  }
}

TEST_CASE("http client: nobody listens, nobody knows the name, no HTTP") {
  const std::string address = [] {
    const support::Listener closed;
    return "127.0.0.1:" + std::to_string(closed.port);
  }();
  const auto refused = client()->send(request("http://" + address));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::unavailable);
  CHECK(refused.error().message == address + ": connection refused");

  TalkingServer other([](int fd, int) {
    TalkingServer::hear(fd, "\r\n\r\n");
    TalkingServer::say(fd, "SSH-2.0-OpenSSH\r\n");
  });
  const auto odd = client()->send(request("http://" + other.address()));
  REQUIRE_FALSE(odd);
  CHECK(odd.error().kind == ErrorKind::failed);
}

TEST_CASE("http client: no field can smuggle another one in") {
  net::ClientRequest get = request("http://127.0.0.1:1/");
  get.fields = {{"x-amz-meta-a", "b\r\nHost: evil"}};
  CHECK(client()->send(get).error().kind == ErrorKind::failed);
}

TEST_CASE("http client: many threads share the connections") {
  HttpServer server(
      [](const HttpHeard& heard) { return HttpServer::answer("200 OK", heard.body); });
  const auto http = client();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0; i < 50; ++i) {
        const std::string bytes = std::to_string(number * 1000 + i);
        net::ClientRequest put = request(server.url() + "/", "PUT");
        put.bytes = bytes;
        const auto answer = http->send(put);
        good += answer && answer->body == bytes ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(good == 400);
  int most = 0;
  for (const HttpHeard& heard : server.heard()) {
    most = std::max(most, heard.connection);
  }
  CHECK(most <= 8);
}
