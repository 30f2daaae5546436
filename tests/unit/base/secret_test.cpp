#include <toolkit/base/secret.hpp>

#include <doctest/doctest.h>

using toolkit::is_secret_name;
using toolkit::mask_secrets;

TEST_CASE("names of secrets are known") {
  for (const char* name : {"HF_TOKEN", "WANDB_API_KEY", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD",
                           "MYSQL_PASSWD", "db-password", "api-key", "APIKEY", "GOOGLE_CREDENTIALS",
                           "token", "--key", "KEY", "AWS_SESSION_TOKEN"}) {
    CAPTURE(name);
    CHECK(is_secret_name(name));
  }
}

TEST_CASE("names that only sound like secrets are not masked") {
  for (const char* name :
       {"PATH", "AWS_ACCESS_KEY_ID", "SSH_KEY_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "PASSWORD_FILE",
        "MONKEY", "KEYBOARD", "TOKENIZERS_PARALLELISM", "tokenizer", "max-tokens", "--max-tokens",
        "MAX_TOKENS", "num_tokens_per_batch", "vllm_max_num_batched_tokens", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_secret_name(name));
  }
}

TEST_CASE("secrets are masked wherever they stand") {
  struct Case {
    const char *text, *masked;
  };
  for (const Case& item : {
           Case{"--api-key=abc", "--api-key=***"},
           {"HF_TOKEN=abc train", "HF_TOKEN=*** train"},
           {"a=1 PASSWORD=x=y b=2", "a=1 PASSWORD=*** b=2"},
           {"PASSWORD='a b' c", "PASSWORD=*** c"},
           {"PASSWORD=\"a b\" c", "PASSWORD=*** c"},
           {"PASSWORD=\"a \\\" b\" c", "PASSWORD=*** c"},
           {"PASSWORD='a b", "PASSWORD=***"},
           {"https://user:pw@host/p?x=1", "https://user:***@host/p?x=1"},
           {"s3://key:p@ss@host", "s3://key:***@host"},
           {"http://h:80/a@b:c", "http://h:80/a@b:c"},
           {"http://user@host", "http://user@host"},
           {"http://a:b@h http://c:d@h", "http://a:***@h http://c:***@h"},
           {"http://h/?access_token=abc&page=2", "http://h/?access_token=***"},
           {"postgres://u:p:q@h", "postgres://u:***@h"},
           {"--max-tokens=4096", "--max-tokens=4096"},
           {"TOKEN=", "TOKEN="},
           {"TOKEN=***", "TOKEN=***"},
           {"", ""},
           {"plain", "plain"},
       }) {
    CAPTURE(item.text);
    CHECK(mask_secrets(item.text) == item.masked);
  }
}
