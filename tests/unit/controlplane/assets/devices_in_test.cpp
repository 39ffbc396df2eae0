#include "controlplane/assets/devices_in.h"

#include "controlplane/inventory/address_text.h"
#include "tests/unit/controlplane/assets/export_file.h"

namespace wardline::assets {
namespace {

constexpr const char* kHead = "Tag,MAC,Type,Serial,Dept,Net\n";

TEST(DevicesIn, ALineBecomesAnEntry) {
  ExportFile file;
  const auto devices =
      file.read(std::string(kHead) + "INV 0107,58-46-E1-00-01-07,infusion-pump,4711,\"Technik, Süd\",icu\n");
  ASSERT_EQ(file.problems(), "");
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0].id, "inv-0107");
  ASSERT_EQ(devices[0].macs.size(), 1U);
  EXPECT_EQ(inventory::text_of(devices[0].macs[0]), "58:46:e1:00:01:07");
  EXPECT_EQ(devices[0].device_class, "infusion-pump");
  EXPECT_EQ(devices[0].owner, "Technik, Süd");
  EXPECT_EQ(devices[0].segment, "icu");
}

TEST(DevicesIn, MacsAreReadAsExportsWriteThem) {
  for (const char* text : {"58:46:e1:00:01:07", "5846.e100.0107", "5846E1000107", "58-46-e1-00-01-07"}) {
    const auto mac = read_written_mac(text);
    ASSERT_TRUE(mac) << text;
    EXPECT_EQ(inventory::text_of(*mac), "58:46:e1:00:01:07") << text;
  }
  for (const char* text :
       {"", "58:46:e1:00:01", "58:46:e1:00:01:0g", "58:46-e1:00:01:07", "584.6e10.00107", "58 46 e1"})
    EXPECT_FALSE(read_written_mac(text)) << text;
}

TEST(DevicesIn, SeveralColumnsAndSeveralMacsInACellAreOneDevice) {
  ExportFile file;
  file.map = "columns: {id: Tag, macs: [MAC, WLAN]}\n";
  const auto devices = file.read("Tag,MAC,WLAN\na,\"58:46:e1:00:01:07; 58:46:e1:00:01:08\",58:46:e1:00:01:09\n");
  ASSERT_EQ(file.problems(), "");
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0].macs.size(), 3U);
}

TEST(DevicesIn, TheMapTranslatesFillsInAndPassesOver) {
  ExportFile file;
  file.map =
      "columns: {id: Tag, serial: Serial, class: Type}\n"
      "values: {class: {\"Infusionspumpe\": infusion-pump, \"Sonstiges\": \"\"}}\n"
      "defaults: {owner: medical engineering}\n"
      "skip: {State: [retired]}\n";
  const auto devices = file.read("Tag,Serial,Type,State\na,1,Infusionspumpe,used\nb,2,Sonstiges,used\nc,,,retired\n");
  ASSERT_EQ(file.problems(), "");
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].device_class, "infusion-pump");
  EXPECT_EQ(devices[0].owner, "medical engineering");
  EXPECT_EQ(devices[1].device_class, "");
}

// A line that is refused, and what is said of it, with its place.
struct Broken {
  const char* what;
  const char* lines;
  const char* said;
};
constexpr Broken kBroken[] = {
    {"a bad MAC", "a,58:46:e1:00:01,,1,,\n",
     "cmdb.csv:2:3: expected the MAC of one device, such as 58:46:e1:00:01:07, found '58:46:e1:00:01'"},
    {"a group's MAC", "a,01:00:5e:00:00:01,,1,,\n", "cmdb.csv:2:3: expected the MAC of one device"},
    {"two lines with one MAC", "a,58:46:e1:00:01:07,,,,\nb,5846.e100.0107,,,,\n",
     "cmdb.csv:3:3: 58:46:e1:00:01:07 is also the MAC of 'a' in line 2"},
    {"two lines with one id", "a,,,1,,\nA,,,2,,\n", "cmdb.csv:3:1: 'a' stands in line 2 already"},
    {"no id", ",58:46:e1:00:01:07,,,,\n", "cmdb.csv:2:1: the cell of the id is empty"},
    {"an id of other letters", "pump\xc3\xa4,,,1,,\n", "cmdb.csv:2:1: 'pump\xc3\xa4' makes no id"},
    {"an id that is too long", "a23456789012345678901234567890123456789x,,,1,,\n", "makes no id: expected 1 to 39"},
    {"a class with a typing error", "a,,infusion-pmup,1,,\n",
     "cmdb.csv:2:4: the class 'infusion-pmup' is not known; did you mean 'infusion-pump'?"},
    {"a class in the export's words", "a,,Infusionspumpe 3,1,,\n",
     "cmdb.csv:2:4: 'Infusionspumpe 3' is no name of a class: `values: {class: {\"Infusionspumpe 3\": NAME}}`"},
    {"a segment that is none", "a,,,1,,ward-4c\n",
     "cmdb.csv:2:8: the segment 'ward-4c' is not known; did you mean 'ward-4b'?"},
    {"nothing that tells it apart", "a,,infusion-pump,,,\n", "cmdb.csv:2:1: nothing tells 'a' from other devices"},
    {"text that is no UTF-8",
     "a,,,1,\xfc"
     "ber,\n",
     "cmdb.csv:2:7: expected one line of UTF-8 text"},
    {"a cell of two lines", "a,,,1,\"x\ny\",\n", "cmdb.csv:2:7: expected one line of UTF-8 text"},
    {"a mark that turns the writing", "a,,,1,x\xe2\x80\xaey,\n", "cmdb.csv:2:7: expected one line of UTF-8 text"},
};

TEST(DevicesIn, EveryBrokenLineIsRefusedWithItsPlaceAndTheReason) {
  for (const auto& [what, lines, said] : kBroken) {
    ExportFile file;
    const auto devices = file.read(std::string(kHead) + lines);
    EXPECT_NE(file.problems().find(said), std::string::npos) << what << ": " << file.problems();
    EXPECT_EQ(file.errors.size(), 1U) << what << ": " << file.problems();
    for (const auto& device : devices) EXPECT_EQ(device.at.line, 2) << what;
  }
}

TEST(DevicesIn, WordsThatStandForNoSerialNumberAreNone) {
  ExportFile file;
  for (const char* none : {"n/a", "NONE", "Unknown", "-", "0", "0000"}) {
    const auto devices = file.read(std::string(kHead) + "a,58:46:e1:00:01:07,," + none + ",,\n");
    ASSERT_EQ(devices.size(), 1U) << file.problems();
    EXPECT_EQ(devices[0].serial, "") << none;
    file.read(std::string(kHead) + "a,,," + none + ",,\n");
    EXPECT_NE(file.problems().find("nothing tells 'a' from other devices"), std::string::npos) << none;
  }
  EXPECT_EQ(file.read(std::string(kHead) + "a,,,0-7,,\n").at(0).serial, "0-7");
}

TEST(DevicesIn, LinesThatGiveNoDeviceAreKeptByName) {
  ExportFile file;
  file.map = "columns: {id: Tag, macs: MAC}\nskip: {State: [retired]}\n";
  const auto devices =
      file.read("Tag,MAC,State\nINV 1,58:46:e1:00:01:07,retired\nINV 2,58:46,\nINV 3,58:46:e1:00:01:07,\n");
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0].id, "inv-3");
  ASSERT_EQ(file.passed_over.size(), 2U);
  EXPECT_EQ(file.passed_over[0].id, "inv-1");
  EXPECT_EQ(file.passed_over[0].macs.size(), 1U);
  EXPECT_EQ(file.passed_over[1].id, "inv-2");
}

TEST(DevicesIn, WhereProblemsAreCutThatIsTold) {
  ExportFile file;
  std::string lines;
  for (int i = 0; i < 150; ++i) lines += "d" + std::to_string(i) + ",58:46,,1,,\n";
  file.read(std::string(kHead) + lines);
  ASSERT_EQ(file.errors.size(), kMostProblems + 1);
  EXPECT_EQ(file.errors.back().text(),
            "cmdb.csv:102:1: 100 problems are told; this line and those after it were not read");
  EXPECT_EQ(file.passed_over.size(), 150U);
}

TEST(DevicesIn, AMapThatDoesNotFitIsToldAtItsPlace) {
  ExportFile file;
  const auto said = [&](const std::string& map) {
    file.map = map;
    file.read(std::string(kHead) + "a,,,1,,\n");
    return file.problems();
  };
  EXPECT_EQ(said("columns: {id: Tga}\n"), "map.yaml:1:15: cmdb.csv has no column 'Tga'; did you mean 'Tag'?\n");
  EXPECT_EQ(said("columns: {macs: MAC}\n"),
            "map.yaml:1:10: no column for 'id' is named, and nothing goes without it\n");
  EXPECT_NE(said("columns: {id: Tag, mac: MAC}\n").find("'mac' is none of the keys"), std::string::npos);
  EXPECT_NE(said("columns: {id: Tag}\nskipp: {}\n").find("did you mean 'skip'?"), std::string::npos);
  EXPECT_NE(said("columns: {id: Tag}\ndefaults: {ownr: x}\n").find("did you mean 'owner'?"), std::string::npos);
}

}  // namespace
}  // namespace wardline::assets
