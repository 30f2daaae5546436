// STS, the container's endpoint and the instance's metadata cannot be had here: small stand-ins
// answer in the forms that their documents show.
#include <toolkit/base/wall_clock.hpp>

#include <src/store/s3_credentials.hpp>
#include <tests/support/http_server.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/variables.hpp>

using namespace toolkit;
using namespace toolkit::store;
using support::HttpHeard;
using support::HttpServer;
using support::TempDir;
using support::variables;

namespace {

Settings settings() {
  Settings made;
  made.get_env = support::get_variable;
  return made;
}

// Nothing but what a test adds; above all no metadata service.
void start_with(std::map<std::string, std::string> values) {
  variables() = std::move(values);
  variables().emplace("AWS_EC2_METADATA_DISABLED", "true");
}

Result<S3Credentials> found() { return S3CredentialsChain::make(settings())->get(); }

std::string access_key() {
  const auto result = found();
  return result ? result->access_key : result.error().message;
}

std::string in_minutes(int minutes) {
  return utc_text(std::chrono::system_clock::now() + std::chrono::minutes(minutes));
}

std::string json_key(const std::string& name, int minutes) {
  return R"({"Code":"Success","AccessKeyId":")" + name +
         R"(","SecretAccessKey":"S","Token":"T","Expiration":")" + in_minutes(minutes) + "\"}";
}

std::string sts_answer(const std::string& name) {
  return HttpServer::answer(
      "200 OK",
      "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + name +
          "</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
          "<Expiration>" +
          in_minutes(60) + "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>");
}

}  // namespace

TEST_CASE("credentials: the environment's") {
  start_with(
      {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_SESSION_TOKEN", "T"}});
  const auto key = found();
  REQUIRE(key);
  CHECK(key->access_key == "A");
  CHECK(key->session_token == "T");
  start_with({{"AWS_ACCESS_KEY_ID", "A"}});
  CHECK(access_key() == "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not");
}

TEST_CASE("credentials: where there are none, the error says what was tried") {
  start_with({});
  const auto none = found();
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::denied);
  CHECK(none.error().message ==
        "no credentials were found: AWS_ACCESS_KEY_ID is not set; AWS_WEB_IDENTITY_TOKEN_FILE is "
        "not set; no profile default in no file, since HOME is not set; "
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set; AWS_EC2_METADATA_DISABLED is true");
  CHECK(none.error().remedy.find("AWS_ACCESS_KEY_ID") != std::string::npos);
}

TEST_CASE("credentials: a profile's, and the option's profile before the environment") {
  const TempDir dir;
  dir.write(".aws/credentials",
            "[default]\naws_access_key_id=D\naws_secret_access_key=S\n"
            "[dev]\naws_access_key_id=V\naws_secret_access_key=S\n[half]\naws_access_key_id=H\n"
            "[sso]\nsso_session=x\n");
  start_with({{"HOME", dir.path()}});
  CHECK(access_key() == "D");
  variables()["AWS_PROFILE"] = "dev";
  CHECK(access_key() == "V");
  variables()["AWS_PROFILE"] = "half";
  CHECK(access_key() == "profile half has aws_access_key_id, and no aws_secret_access_key");
  variables()["AWS_PROFILE"] = "missing";
  CHECK(access_key() == "there is no profile missing");
  variables()["AWS_PROFILE"] = "sso";
  CHECK(access_key() == "profile sso signs in by SSO, which needs a browser");
  start_with({{"HOME", dir.path()}, {"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "S"}});
  CHECK(access_key() == "E");
  Settings given = settings();
  given.s3.profile = "dev";
  CHECK(S3CredentialsChain::make(given)->get()->access_key == "V");
}

TEST_CASE("credentials: web identity asks STS with the token of the file") {
  const TempDir dir;
  const std::string token = dir.write("token", "jwt+1\n");
  HttpServer sts([](const HttpHeard&) { return sts_answer("W"); });
  start_with({{"AWS_WEB_IDENTITY_TOKEN_FILE", token},
              {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
              {"AWS_ENDPOINT_URL_STS", sts.url()}});
  CHECK(access_key() == "W");
  const HttpHeard heard = sts.heard().at(0);
  CHECK(heard.method == "POST");
  CHECK(heard.body ==
        "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
        "RoleSessionName=toolkit&Version=2011-06-15&WebIdentityToken=jwt%2B1");
  CHECK(heard.field("Authorization").empty());
  variables()["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nonexistent";
  CHECK(access_key() == "cannot open /nonexistent: no such file or directory");
}

TEST_CASE("credentials: STS's refusal is told, and is no reason to try again") {
  const TempDir dir;
  HttpServer sts([](const HttpHeard&) {
    return HttpServer::answer("403 Forbidden",
                              "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not "
                              "authorized</Message></Error></ErrorResponse>");
  });
  start_with({{"AWS_WEB_IDENTITY_TOKEN_FILE", dir.write("token", "jwt")},
              {"AWS_ROLE_ARN", "r"},
              {"AWS_ENDPOINT_URL_STS", sts.url()}});
  const auto result = found();
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::denied);
  CHECK(result.error().message ==
        "web identity: STS: access denied (HTTP 403, AccessDenied, Not authorized)");
}

TEST_CASE("credentials: a profile's role is assumed with another profile's key, signed") {
  const TempDir dir;
  HttpServer sts([](const HttpHeard&) { return sts_answer("R"); });
  dir.write(".aws/config",
            "[profile role]\nrole_arn = arn:r\nsource_profile = base\nexternal_id = x\n"
            "region = eu-west-1\n[profile base]\naws_access_key_id = B\n"
            "aws_secret_access_key = S\n[profile a]\nrole_arn = x\nsource_profile = b\n"
            "[profile b]\nrole_arn = x\nsource_profile = a\n[profile lost]\nrole_arn = x\n"
            "source_profile = nobody\n[profile env]\nrole_arn = arn:e\n"
            "credential_source = Environment\n");
  start_with({{"HOME", dir.path()}, {"AWS_PROFILE", "role"}, {"AWS_ENDPOINT_URL_STS", sts.url()}});
  CHECK(access_key() == "R");
  const HttpHeard heard = sts.heard().at(0);
  CHECK(
      heard.body ==
      "Action=AssumeRole&ExternalId=x&RoleArn=arn%3Ar&RoleSessionName=toolkit&Version=2011-06-15");
  CHECK(heard.field("Authorization").find("AWS4-HMAC-SHA256 Credential=B/") == 0);
  CHECK(heard.field("Authorization").find("/eu-west-1/sts/aws4_request") != std::string::npos);
  variables()["AWS_PROFILE"] = "a";
  CHECK(access_key() == "profile a: its source_profile leads back to itself");
  variables()["AWS_PROFILE"] = "lost";
  CHECK(access_key() == "profile lost: its source_profile nobody is not there");
  // The option, since the environment's key would come before the variable's profile.
  start_with({{"HOME", dir.path()},
              {"AWS_ACCESS_KEY_ID", "E"},
              {"AWS_SECRET_ACCESS_KEY", "S"},
              {"AWS_ENDPOINT_URL_STS", sts.url()}});
  Settings given = settings();
  given.s3.profile = "env";
  CHECK(S3CredentialsChain::make(given)->get()->access_key == "R");
  CHECK(sts.heard().back().field("Authorization").find("Credential=E/") != std::string::npos);
}

TEST_CASE("credentials: a program prints them") {
  const TempDir dir;
  const std::string program =
      dir.write("print key",
                "#!/bin/sh\necho \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"$1\\\","
                "\\\"SecretAccessKey\\\":\\\"S\\\"}\"\nexit $2\n",
                0755);
  dir.write(".aws/config", "[default]\ncredential_process = \"" + program + "\" 'P Q' 0\n" +
                               "[profile bad]\ncredential_process = \"" + program + "\" X 3\n" +
                               "[profile none]\ncredential_process = /nonexistent/program\n");
  start_with({{"HOME", dir.path()}});
  CHECK(access_key() ==
        "credential_process of profile default: the answer has blanks or control characters in a "
        "key");
  variables()["AWS_PROFILE"] = "bad";
  CHECK(access_key() == "credential_process of profile bad: the program ended with code 3");
  variables()["AWS_PROFILE"] = "none";
  CHECK(access_key().find("credential_process of profile none: ") == 0);
  dir.write(".aws/config", "[default]\ncredential_process = " + dir.path() + "/print\\ key P 0\n");
  variables().erase("AWS_PROFILE");
  CHECK(access_key() == "P");
}

TEST_CASE("credentials: the container's endpoint, with the token of the file as it is now") {
  const TempDir dir;
  HttpServer container([](const HttpHeard& heard) {
    return HttpServer::answer("200 OK", json_key(heard.field("Authorization"), 2));
  });
  start_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/v1/credentials"},
              {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", dir.write("token", "first\n")}});
  CHECK(access_key() == "first");
  dir.write("token", "second");
  CHECK(access_key() == "second");
  CHECK(container.heard().at(0).target == "/v1/credentials");
  variables()["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://192.0.2.1/";
  CHECK(access_key() ==
        "AWS_CONTAINER_CREDENTIALS_FULL_URI: a token does not go to 192.0.2.1 "
        "without TLS");
}

TEST_CASE("credentials: a container's endpoint that fails is asked three times") {
  HttpServer container(
      [](const HttpHeard&) { return HttpServer::answer("500 Internal Server Error", ""); });
  start_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url()}});
  const auto result = found();
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::unavailable);
  CHECK(container.heard().size() == 3);
}

TEST_CASE("credentials: the instance's metadata, version 2") {
  HttpServer imds([](const HttpHeard& heard) {
    if (heard.target == "/latest/api/token") {
      return heard.method == "PUT" && heard.field("X-aws-ec2-metadata-token-ttl-seconds") == "21600"
                 ? HttpServer::answer("200 OK", "secret-token")
                 : HttpServer::answer("400 Bad Request", "");
    }
    if (heard.field("X-aws-ec2-metadata-token") != "secret-token") {
      return HttpServer::answer("401 Unauthorized", "");
    }
    return heard.target == "/latest/meta-data/iam/security-credentials/"
               ? HttpServer::answer("200 OK", "trainer\n")
           : heard.target == "/latest/meta-data/iam/security-credentials/trainer"
               ? HttpServer::answer("200 OK", json_key("I", 60))
               : HttpServer::answer("404 Not Found", "");
  });
  variables() = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url()}};
  const auto key = found();
  REQUIRE_MESSAGE(key, key.error().message);
  CHECK(key->access_key == "I");
  CHECK(key->source == "the instance's role trainer");
}

TEST_CASE("credentials: an instance without a role, and metadata that nobody serves") {
  HttpServer imds([](const HttpHeard& heard) {
    return heard.method == "PUT" ? HttpServer::answer("200 OK", "t")
                                 : HttpServer::answer("404 Not Found", "");
  });
  variables() = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url()}};
  CHECK(access_key().find("the instance has no role") != std::string::npos);
  const std::string address = [] {
    const support::Listener closed;
    return "127.0.0.1:" + std::to_string(closed.port);
  }();
  variables() = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://" + address}};
  CHECK(access_key().find("the instance's metadata: " + address +
                          ": connection refused (on EC2, containers need a hop limit of 2") !=
        std::string::npos);
}

TEST_CASE("credentials: they are kept, and fetched anew shortly before their end") {
  int minutes = 60, answers = 0;
  bool works = true;
  HttpServer container([&](const HttpHeard&) {
    return works ? HttpServer::answer("200 OK", json_key("K" + std::to_string(++answers), minutes))
                 : HttpServer::answer("403 Forbidden", "");
  });
  start_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url()}});
  const auto chain = S3CredentialsChain::make(settings());
  CHECK(chain->get()->access_key == "K1");
  CHECK(chain->get()->access_key == "K1");
  SUBCASE("when they were refused as expired") {
    const S3Credentials old = *chain->get();
    chain->forget(old);
    CHECK(chain->get()->access_key == "K2");
    chain->forget(old);  // by another thread, late
    CHECK(chain->get()->access_key == "K2");
  }
  SUBCASE("when they are about to end; what is there serves while the renewal fails") {
    minutes = 1;
    chain->forget(*chain->get());
    CHECK(chain->get()->access_key == "K2");
    works = false;
    CHECK(chain->get()->access_key == "K2");
  }
  SUBCASE("and the ended ones are not used") {
    minutes = -1;
    chain->forget(*chain->get());
    CHECK(chain->get()->access_key == "K2");  // as given: the server judges
    CHECK(chain->get()->access_key == "K3");
  }
}
