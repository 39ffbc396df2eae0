#include <gtest/gtest.h>

#include "hostile.h"
#include "observed.h"

namespace wardline::identity {
namespace {

using test::By;
using test::observed;
using test::value_of;

const std::string kPage = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";

TEST(HttpObserver, APageTellsItsTitleWithBlanksFolded) {
  EXPECT_EQ(
      value_of(observed("http", By::kServer, kPage + "<HTML><Title lang=en>\r\n  Infusion\t\tStation \r\n</TITLE>"),
               "http.title"),
      "Infusion Station");
}

TEST(HttpObserver, AChallengeTellsItsRealm) {
  const auto realm = [](const std::string& field) {
    return value_of(observed("http", By::kServer, "HTTP/1.0 401 Unauthorized\n" + field + "\n\n"), "http.realm");
  };
  EXPECT_EQ(realm("WWW-Authenticate: Digest qop=\"auth\", Realm=\"IPC \\\"HD\\\" 2\", nonce=\"1\""), "IPC \"HD\" 2");
  EXPECT_EQ(realm("www-authenticate: Negotiate\nWWW-Authenticate: Basic realm=Printer, x=y"), "Printer");
  EXPECT_EQ(realm("X-Authenticate: Basic realm=Printer"), "");
}

TEST(HttpObserver, NothingIsToldOfARequest) {
  EXPECT_TRUE(
      observed("http", By::kClient, "GET /patient?name=doe HTTP/1.1\r\nHost: x\r\n\r\n<title>doe</title>").empty());
  EXPECT_TRUE(observed("http", By::kClient, kPage + "<title>x</title>").empty());
}

TEST(HttpObserver, OnlyAPageHasATitle) {
  EXPECT_TRUE(observed("http", By::kServer,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"x\":\"<title>doe</title>\"}")
                  .empty());
}

TEST(HttpObserver, ATitleOfAnErrorIsTheServerProgramsAndNotTold) {
  EXPECT_TRUE(
      observed("http", By::kServer, "HTTP/1.1 302 Found\r\nContent-Type: text/html\r\n\r\n<title>302 Found</title>")
          .empty());
}

TEST(HttpObserver, ATitleThatNamesAPatientIsNotTold) {
  for (const char* title : {"MOUSE^MICKEY", "Chart of record 135769"})
    EXPECT_TRUE(observed("http", By::kServer, kPage + "<title>" + title + "</title>").empty()) << title;
}

TEST(HttpObserver, ATitleThatNeverEndsOrIsTooLongIsNotTold) {
  EXPECT_TRUE(observed("http", By::kServer, kPage + "<title>" + std::string(200, 'x')).empty());
  EXPECT_TRUE(observed("http", By::kServer, kPage + "<title>" + std::string(600, 'x') + "</title>").empty());
  EXPECT_TRUE(observed("http", By::kServer, kPage + "<title").empty());
}

TEST(HttpObserver, StandsUpToHostileBytes) {
  test::expect_stands_up_to_hostile_bytes("http", By::kServer,
                                          "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a \\\"b\"\r\n"
                                          "Content-Type: text/html\r\n\r\n<title>\tLogin </title>");
}

}  // namespace
}  // namespace wardline::identity
