#include <doctest/doctest.h>
#include <src/store/aws_files.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/variables.hpp>
#include <unistd.h>

using namespace toolkit;
using namespace toolkit::store;
using support::variables;

namespace {

Settings settings() {
  Settings made;
  made.get_env = support::get_variable;
  return made;
}

AwsFiles parsed(std::string_view text, AwsFile which = AwsFile::config) {
  AwsFiles files;
  const auto result = parse_aws_file(text, which, "config", files);
  REQUIRE_MESSAGE(result, result.error().message);
  return files;
}

std::string value(const AwsFiles& files, std::string_view profile, std::string_view name) {
  const std::string* found = files.find(profile, name);
  return found != nullptr ? *found : "(none)";
}

}  // namespace

TEST_CASE("aws files: profiles, comments, blanks, and names in any case") {
  const AwsFiles files = parsed(
      "# a comment\n; another\n[default]\r\nRegion = eu-west-1 # here\n"
      "aws_secret_access_key = a#b;c\n\n[profile dev]\nregion=x\n[profile \"with blank\"]\n"
      "region = y\n[ profile  tab ]\nregion=z\n[sso-session s]\nregion = no\n");
  CHECK(value(files, "default", "region") == "eu-west-1");
  CHECK(value(files, "default", "aws_secret_access_key") == "a#b;c");
  CHECK(value(files, "dev", "region") == "x");
  CHECK(value(files, "with blank", "region") == "y");
  CHECK(value(files, "tab", "region") == "z");
  CHECK(value(files, "dev", "output") == "(none)");
  CHECK(value(files, "other", "region") == "(none)");
  CHECK(files.profiles.size() == 4);
}

TEST_CASE("aws files: settings below a setting, in profiles and services") {
  const AwsFiles files = parsed(
      "[profile dev]\nservices = local\ns3 =\n  addressing_style = path\n  max_queue_size=1\n"
      "region = x\n[services local]\ns3 = \n  endpoint_url = http://s3:1\nsts =\n"
      "  endpoint_url = http://sts:2\n");
  CHECK(value(files, "dev", "s3.addressing_style") == "path");
  CHECK(value(files, "dev", "region") == "x");
  CHECK(value(files, "dev", "s3.region") == "(none)");
  CHECK(files.services.at("local").at("s3.endpoint_url") == "http://s3:1");
  CHECK(files.services.at("local").at("sts.endpoint_url") == "http://sts:2");
}

TEST_CASE("aws files: in the credentials' file a section is a profile") {
  const AwsFiles files = parsed("[dev]\naws_access_key_id=A\n", AwsFile::credentials);
  CHECK(value(files, "dev", "aws_access_key_id") == "A");
  CHECK(parsed("[dev]\naws_access_key_id=A\n").profiles.empty());
}

TEST_CASE("aws files: what cannot be understood names the line, and quotes nothing") {
  for (const char* wrong :
       {"[default]\nSECRET\n", "\nSECRET = 1\n", "\n[SECRET\n", "[a]\n= SECRET"}) {
    CAPTURE(wrong);
    AwsFiles files;
    const auto result = parse_aws_file(wrong, AwsFile::config, "/x/config", files);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
    CHECK(result.error().message.find("/x/config:2: ") == 0);
    CHECK(result.error().message.find("SECRET") == std::string::npos);
  }
}

TEST_CASE("aws files: found by variables or below HOME, and the credentials' settings win") {
  const support::TempDir dir;
  dir.write(".aws/config", "[default]\nregion = r\naws_access_key_id = config\n");
  dir.write(".aws/credentials", "[default]\naws_access_key_id = credentials\n");
  const std::string other = dir.write("other", "[default]\nregion = other\n");
  variables() = {{"HOME", dir.path()}};
  auto files = read_aws_files(settings());
  REQUIRE(files);
  CHECK(value(*files, "default", "region") == "r");
  CHECK(value(*files, "default", "aws_access_key_id") == "credentials");
  variables() = {{"HOME", dir.path()}, {"AWS_CONFIG_FILE", "~/other"}};
  CHECK(value(*read_aws_files(settings()), "default", "region") == "other");
  variables() = {{"HOME", "/nonexistent"}};
  CHECK(read_aws_files(settings())->profiles.empty());
  variables() = {};
  CHECK(read_aws_files(settings())->profiles.empty());
  variables() = {{"AWS_CONFIG_FILE", dir.path()}};
  const auto broken = read_aws_files(settings());
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.find("cannot read " + dir.path()) == 0);
}

TEST_CASE("aws profile: the option, then the variables, then default") {
  Settings given = settings();
  variables() = {};
  CHECK(aws_profile(given).name == "default");
  CHECK_FALSE(aws_profile(given).asked_for);
  variables() = {{"AWS_DEFAULT_PROFILE", "b"}};
  CHECK(aws_profile(given).name == "b");
  variables()["AWS_PROFILE"] = "a";
  CHECK(aws_profile(given).name == "a");
  given.s3.profile = "o";
  CHECK(aws_profile(given).name == "o");
  CHECK(aws_profile(given).asked_for);
}
