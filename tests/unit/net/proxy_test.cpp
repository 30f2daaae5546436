#include <toolkit/net/http_client.hpp>

#include <src/net/proxy.hpp>
#include <tests/support/http_server.hpp>

#include <map>

using namespace toolkit;
using support::HttpHeard;
using support::HttpServer;

namespace {

std::map<std::string, std::string> environment;

const char* get_env(const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? nullptr : found->second.c_str();
}

std::string proxy_text(const std::string& url) {
  const auto proxy = net::proxy_for(*net::parse_url(url), get_env);
  return !proxy ? proxy.error().message : !*proxy ? "none" : net::to_text((*proxy)->endpoint);
}

}  // namespace

TEST_CASE("proxy: the variable of the scheme, in lower case first, then that for all") {
  environment = {};
  CHECK(proxy_text("http://db") == "none");
  environment = {{"ALL_PROXY", "http://all:1"}};
  CHECK(proxy_text("http://db") == "all:1");
  environment = {{"HTTP_PROXY", "capital:2"}, {"http_proxy", "http://small:3/"}};
  CHECK(proxy_text("http://db") == "small:3");
  CHECK(proxy_text("https://db") == "none");
  environment = {{"HTTPS_PROXY", "http://capital"}};
  CHECK(proxy_text("https://db") == "capital:80");
  environment = {{"https_proxy", "socks5://s:1"}};
  CHECK(proxy_text("https://db") == "https_proxy: only proxies with http:// are spoken to");
}

TEST_CASE("proxy: never for this machine and its metadata") {
  environment = {{"HTTP_PROXY", "p:1"}};
  for (const char* near : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]", "169.254.169.254"}) {
    CAPTURE(near);
    CHECK(proxy_text("http://" + std::string(near) + "/") == "none");
  }
}

TEST_CASE("no_proxy: names and what is below them, ports, addresses, networks, all") {
  struct Case {
    const char *list, *host;
    bool listed;
  };
  const Case cases[] = {
      {"*", "a", true},
      {"", "a", false},
      {"example.com", "example.com", true},
      {"example.com", "S3.Example.com", true},
      {".example.com", "s3.example.com", true},
      {"*.example.com", "s3.example.com", true},
      {"example.com", "badexample.com", false},
      {"a, b ,c", "b", true},
      {"db:443", "db", true},
      {"db:80", "db", false},
      {"10.0.0.0/8", "10.1.2.3", true},
      {"10.0.0.0/8", "11.1.2.3", false},
      {"10.0.0.0/9", "10.127.0.1", true},
      {"10.0.0.0/9", "10.128.0.1", false},
      {"10.0.0.0/33", "10.0.0.1", false},
      {"10.0.0.0/-1", "10.0.0.1", false},
      {"10.0.0.0/8", "fd00::1", false},
      {"fd00::/8", "fd12::1", true},
      {"192.0.2.1", "192.0.2.1", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.list);
    CAPTURE(c.host);
    CHECK(net::is_listed(c.list, {c.host, 443}) == c.listed);
  }
}

TEST_CASE("proxy: plain requests name the whole URL, and carry its user and password") {
  HttpServer proxy(
      [](const HttpHeard& heard) { return HttpServer::answer("200 OK", heard.target); });
  environment = {{"HTTP_PROXY", "http://us%65r:p%40ss@" + proxy.address()}};
  net::HttpClientSettings settings;
  settings.get_env = get_env;
  const auto http = net::HttpClient::make(settings);
  net::ClientRequest get;
  get.url = *net::parse_url("http://bucket.invalid:81/key?a=b");
  CHECK(http->send(get)->body == "http://bucket.invalid:81/key?a=b");
  CHECK(proxy.heard()[0].field("Host") == "bucket.invalid:81");
  CHECK(proxy.heard()[0].field("Proxy-Authorization") == "Basic dXNlcjpwQHNz");
}

TEST_CASE("proxy: one that refuses a tunnel is named, with the remedy") {
  HttpServer proxy(
      [](const HttpHeard&) { return HttpServer::answer("407 Proxy Authentication Required", ""); });
  environment = {{"HTTPS_PROXY", "http://" + proxy.address()}};
  net::HttpClientSettings settings;
  settings.get_env = get_env;
  net::ClientRequest get;
  get.url = *net::parse_url("https://bucket.invalid/key");
  const auto result = net::HttpClient::make(settings)->send(get);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::denied);
  CHECK(result.error().message ==
        "the proxy " + proxy.address() + " answers 407 to CONNECT bucket.invalid:443");
  CHECK(proxy.heard()[0].method == "CONNECT");
}
