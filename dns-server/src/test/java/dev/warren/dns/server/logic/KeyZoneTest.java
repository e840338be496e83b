package dev.warren.dns.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.dns.server.Vectors;
import dev.warren.dns.server.wire.Answer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

class KeyZoneTest {
  private final SecretKey key = SecretKey.generate();
  private final String apex = key.nodeId().toZ32() + ".";

  private KeyZone zone(Record... records) {
    return KeyZone.of(Vectors.packet(key, 1, List.of(records)));
  }

  /** Labels on the wire, without the root. */
  private static byte[] labels(String name) {
    byte[] wire = Vectors.name(name).toWire();
    return Arrays.copyOf(wire, wire.length - 1);
  }

  private static Answer find(KeyZone zone, String name, int type) {
    byte[] labels = labels(name);
    return zone.find(labels, labels.length, type);
  }

  private static boolean exists(KeyZone zone, String name) {
    byte[] labels = labels(name);
    return zone.exists(labels, labels.length);
  }

  @Test
  void recordsKeepTheirOrderAndTheirLifetimes() {
    KeyZone zone =
        zone(
            new TXTRecord(Vectors.name("b." + apex), DClass.IN, 7, "two"),
            new TXTRecord(Vectors.name("b." + apex), DClass.IN, 900, "one"));
    Answer answer = find(zone, "b", Type.TXT);
    assertThat(answer.answerCount()).isEqualTo(2);
    assertThat(answer.answers())
        .isEqualTo(
            Vectors.HEX.parseHex(
                "c00c001000010000000700040374776f" + "c00c00100001000003840004036f6e65"));
  }

  @Test
  void aRecordAgainOnlyChangesItsLifetime() {
    KeyZone zone =
        zone(
            new TXTRecord(Vectors.name("b." + apex), DClass.IN, 1, "a"),
            new TXTRecord(Vectors.name("b." + apex), DClass.IN, 1, "b"),
            new TXTRecord(Vectors.name("B." + apex), DClass.IN, 2, "a"));
    Answer answer = find(zone, "b", Type.TXT);
    assertThat(answer.answerCount()).isEqualTo(2);
    assertThat(Vectors.HEX.formatHex(answer.answers()))
        .startsWith("c00c00100001" + "00000002" + "00020161");
  }

  @Test
  void whatIsNotBelowTheKeyOrTheServersToSayIsLeftOut() {
    KeyZone zone =
        zone(
            Vectors.txt("example.org.", "stranger"),
            new NSRecord(Vectors.name(apex), DClass.IN, 1, Vectors.name("ns.example.")),
            new TXTRecord(Vectors.name("c." + apex), DClass.CH, 1, "chaos"));
    assertThat(zone.isPresent()).isTrue();
    assertThat(find(zone, ".", Type.NS)).isNull();
    assertThat(exists(zone, "c")).isFalse();
    assertThat(exists(zone, "example.org")).isFalse();
    assertThat(exists(zone, ".")).as("the key's own name").isTrue();
  }

  @Test
  void anAliasAnswersForEveryTypeAndIsNotFollowed() {
    KeyZone zone =
        zone(
            new CNAMERecord(Vectors.name("a." + apex), DClass.IN, 1, Vectors.name("x.")),
            new CNAMERecord(Vectors.name("a." + apex), DClass.IN, 1, Vectors.name("a." + apex)));
    Answer answer = find(zone, "a", Type.TXT);
    assertThat(answer.answerCount()).as("the second replaces the first").isEqualTo(1);
    assertThat(new String(answer.answers(), StandardCharsets.ISO_8859_1))
        .contains(key.nodeId().toZ32());
  }

  @Test
  void namesOfDataAreWholeAsNothingBeforeThemIsThere() {
    KeyZone zone =
        zone(new MXRecord(Vectors.name(apex), DClass.IN, 1, 5, Vectors.name("mail." + apex)));
    assertThat(Vectors.HEX.formatHex(find(zone, ".", Type.MX).answers()))
        .endsWith(Vectors.HEX.formatHex(Vectors.name("mail." + apex).toWire()));
  }

  @Test
  void aNameExistsIfSomethingIsBelowIt() {
    KeyZone zone = zone(Vectors.txt("a.b.c." + apex, "x"));
    assertThat(Stream.of("c", "b.c", "a.b.c")).allMatch(name -> exists(zone, name));
    assertThat(Stream.of("a", "b", "a.b", "x.c", "d.a.b.c", "bc"))
        .noneMatch(name -> exists(zone, name));
    assertThat(find(zone, "b.c", Type.TXT)).isNull();
  }

  @Test
  void aLabelThatLooksLikeTwoIsOne() {
    KeyZone zone = zone(Vectors.txt("x\\.b." + apex, "x"));
    assertThat(exists(zone, "b")).isFalse();
    assertThat(find(zone, "x\\.b", Type.TXT)).isNotNull();
  }

  @Test
  void ofNothingThereIsNothing() {
    assertThat(KeyZone.ABSENT.isPresent()).isFalse();
    assertThat(exists(KeyZone.ABSENT, ".")).isFalse();
    assertThat(find(KeyZone.ABSENT, "a", Type.TXT)).isNull();
  }
}
