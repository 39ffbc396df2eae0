#include "dataplane/work/message_framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dataplane/work/first_message.h"

namespace wardline::work {
namespace {

using Answer = MessageFramer::Answer;
using facts::Reader;
using testing::ElementsAre;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// What a framer takes for messages, whatever the size of the segments.
class Stream {
 public:
  explicit Stream(Reader reader) { framer_->start(reader, 100); }
  Answer give(std::string_view text) {
    const auto answer = framer_->judge(next_, bytes(text), [this](std::span<const std::byte> head) {
      heads.emplace_back(reinterpret_cast<const char*>(head.data()), head.size());
      return !heads.back().starts_with("BAD");
    });
    if (answer == Answer::kPass) next_ += static_cast<std::uint32_t>(text.size());
    return answer;
  }
  std::vector<std::string> heads;

 private:
  std::unique_ptr<MessageFramer> framer_ = std::make_unique<MessageFramer>();
  std::uint32_t next_ = 100;
};

std::vector<std::string> heads_of(Reader reader, std::string_view text, std::size_t size) {
  Stream stream(reader);
  for (std::size_t at = 0; at < text.size(); at += size) EXPECT_EQ(stream.give(text.substr(at, size)), Answer::kPass);
  return stream.heads;
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kPost = "POST /b HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
const std::string kChunked = "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(MessageFramer, HttpRequestsAreToldApartHoweverTheyAreCut) {
  const std::string text = kGet + kPost + "body\r\n" + kChunked + "5;x=y\r\nGET /\r\n0\r\nTrailer: t\r\n\r\n" + kGet;
  for (std::size_t size = 1; size < text.size(); size += 3)
    EXPECT_THAT(heads_of(Reader::kHttp, text, size), ElementsAre(kGet, kPost, kChunked, kGet)) << size;
}

TEST(MessageFramer, HttpThatTwoServersMightReadDifferentlyIsRefused) {
  for (const char* head :
       {"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length : 4\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: +4\r\n\r\n",
        "POST / HTTP/1.1\r\nX: a\r\n Content-Length: 4\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n", "hello\r\n"})
    EXPECT_EQ(Stream(Reader::kHttp).give(head), Answer::kGarbage) << head;
}

TEST(MessageFramer, AnHttpHeadIsJudgedBeforeItsBodyComes) {
  Stream stream(Reader::kHttp);
  stream.give(kPost);
  EXPECT_THAT(stream.heads, ElementsAre(kPost));
}

TEST(MessageFramer, AHeadLongerThanItsRoomIsJudgedByWhatIsThereAndItsEndIsStillFound) {
  const std::string line = "GET / HTTP/1.1\r\nCookie: " + std::string(2000, 'c') + "\r\n";
  const std::string text = line + "Content-Length: 3\r\n\r\nabc" + kGet;
  for (const std::size_t size : {7u, 600u, 5000u}) {
    const auto heads = heads_of(Reader::kHttp, text, size);
    ASSERT_EQ(heads.size(), 2u) << size;
    EXPECT_EQ(heads[0], line.substr(0, MessageFramer::kHeadBytes));
    EXPECT_EQ(heads[1], kGet);
  }
}

TEST(MessageFramer, MllpMessagesEndWithTheirTwoBytes) {
  const std::string one = "\x0bMSH|1\x1c|\r\x1c\r", two = "\x0bMSH|2\r\x1c\r";
  for (std::size_t size = 1; size < 20; ++size)
    EXPECT_THAT(heads_of(Reader::kHl7, one + "\r\n" + two, size), ElementsAre(one, two)) << size;
  EXPECT_EQ(Stream(Reader::kHl7).give("MSH|"), Answer::kGarbage);
}

std::string counted(std::string head, std::size_t body) {
  return std::move(head) + std::string(body, 'x');
}

TEST(MessageFramer, CountedMessagesFollowTheirLengths) {
  const std::vector<std::pair<Reader, std::string>> messages = {
      {Reader::kModbus, counted(std::string("\0\1\0\0\0\6\1\3", 8), 4)},
      {Reader::kDicom, counted(std::string("\4\0\0\0\0\5", 6), 5)},
      {Reader::kEnip, counted(std::string("\x6f\0\7\0", 4), 27)},
      {Reader::kMqtt, counted("\x30\x85\x01", 133)},
      {Reader::kMqtt, std::string("\xc0\0", 2)},
      {Reader::kDns, counted(std::string("\0\x10", 2), 16)},
      {Reader::kSmb2, counted(std::string("\0\0\1\0", 4), 256)},
      {Reader::kSnmp, counted("\x30\x82\x01\x01", 257)},
      {Reader::kSnmp, counted("\x30\x05", 5)},
  };
  for (const auto& [reader, message] : messages)
    for (const std::size_t size : {1u, 5u, 300u, 4000u})
      EXPECT_THAT(heads_of(reader, message + message, size), ElementsAre(message, message)) << static_cast<int>(reader);
}

TEST(MessageFramer, WhatIsNotTheProtocolIsSaidSo) {
  for (const auto reader : {Reader::kModbus, Reader::kDicom, Reader::kEnip, Reader::kSmb1, Reader::kSnmp, Reader::kHl7})
    EXPECT_EQ(Stream(reader).give("\xff\xff\xff\xff\xff\xff\xff\xff"), Answer::kGarbage) << static_cast<int>(reader);
}

TEST(MessageFramer, AfterGarbageEverythingIsGarbage) {
  for (const Reader reader : {Reader::kModbus, Reader::kMqtt, Reader::kHl7, Reader::kHttp, Reader::kSnmp}) {
    Stream stream(reader);
    EXPECT_EQ(stream.give(std::string_view("\0\0\0\0\0\0", 6)), Answer::kGarbage);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(stream.give(std::string_view("\0\0\0\0\0\0", 6)), Answer::kGarbage);
    EXPECT_TRUE(stream.heads.empty());
  }
}

TEST(MessageFramer, TheFirstMessageThatMayNotPassStopsItsSegment) {
  Stream stream(Reader::kHttp);
  EXPECT_EQ(stream.give(kGet + "BAD / HTTP/1.1\r\n\r\n" + kGet), Answer::kForbidden);
  EXPECT_EQ(stream.heads.size(), 2u);
}

TEST(MessageFramer, NothingIsJudgedTwiceAndNothingOtherIsTakenForARetransmission) {
  MessageFramer framer;
  framer.start(Reader::kHttp, 0xfffffff0);
  int judged = 0;
  const auto give = [&](std::uint32_t offset, std::string_view text) {
    return framer.judge(0xfffffff0 + offset, bytes(text), [&](auto) { return ++judged > 0; });
  };
  const auto size = static_cast<std::uint32_t>(kGet.size());
  EXPECT_EQ(give(0, kGet), Answer::kPass);
  EXPECT_EQ(give(size, kGet), Answer::kPass);
  EXPECT_EQ(give(0, kGet), Answer::kPass);
  EXPECT_EQ(give(0, kGet + kGet + kGet), Answer::kPass) << "sent again as one, with more";
  EXPECT_EQ(judged, 3);
  std::string other = kGet;
  other[5] = 'X';
  EXPECT_EQ(give(0, other), Answer::kContradiction);
  EXPECT_EQ(give(4 * size, kGet), Answer::kOutOfOrder);
  framer.acknowledged(0xfffffff0 + 2 * size);
  EXPECT_EQ(give(0, other), Answer::kPass) << "the receiver has it and takes no other";
}

TEST(FirstMessage, AHelloIsWholeWhenItsRecordsHoldIt) {
  const std::string hello = std::string("\x16\3\1\0\x0a\1\0\0\6", 9) + "abcdef";
  EXPECT_TRUE(first_message_whole(Reader::kTls, bytes(hello)));
  for (std::size_t size = 0; size < hello.size(); ++size)
    EXPECT_FALSE(first_message_whole(Reader::kTls, bytes(hello.substr(0, size)))) << size;
  const std::string split = std::string("\x16\3\1\0\6\1\0\0\6", 9) + "ab" + std::string("\x16\3\1\0\4", 5) + "cdef";
  EXPECT_TRUE(first_message_whole(Reader::kTls, bytes(split)));
  EXPECT_FALSE(first_message_whole(Reader::kTls, bytes(split.substr(0, split.size() - 1))));
}

TEST(FirstMessage, AHeadIsWholeAtItsEmptyLine) {
  EXPECT_FALSE(first_message_whole(Reader::kHttp, bytes("HTTP/1.1 200 OK\r\nServer: x\r\n")));
  EXPECT_TRUE(first_message_whole(Reader::kHttp, bytes("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")));
}

}  // namespace
}  // namespace wardline::work
