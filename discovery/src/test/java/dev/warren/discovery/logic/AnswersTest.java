package dev.warren.discovery.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.TxtRecords;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** Which messages are answers, what they say through aliases, and how long it is remembered. */
class AnswersTest {
  private static final Name NAME = Name.fromConstantString("_iroh.x.example.");

  private static Name name(String text) {
    return Name.fromConstantString(text);
  }

  private static Message query(int id) {
    Message query = Message.newQuery(Record.newRecord(NAME, Type.TXT, DClass.IN));
    query.getHeader().setID(id);
    return query;
  }

  private static Message answer(int id) {
    Message answer = new Message(id);
    answer.getHeader().setFlag(Flags.QR);
    answer.addRecord(Record.newRecord(NAME, Type.TXT, DClass.IN), Section.QUESTION);
    return answer;
  }

  private static Message answer(Record... records) {
    Message answer = answer(1);
    for (Record record : records) {
      answer.addRecord(record, Section.ANSWER);
    }
    return answer;
  }

  private static Record txt(String owner) {
    return new TXTRecord(name(owner), DClass.IN, 30, "addr=192.0.2.1:1");
  }

  private static Record alias(String from, String to) {
    return new CNAMERecord(name(from), DClass.IN, 30, name(to));
  }

  @Test
  void onlyTheAnswerOfTheQuestionIsAccepted() {
    AnswerCheck check = new AnswerCheck(query(0xbeef));
    assertThat(check.accept(answer(0xbeef).toWire())).isNotNull();
    assertThat(check.accept(answer(0xbeee).toWire())).as("id").isNull();
    assertThat(check.accept(query(0xbeef).toWire())).as("our own question").isNull();
    Message update = answer(0xbeef);
    update.getHeader().setOpcode(Opcode.UPDATE);
    assertThat(check.accept(update.toWire())).as("opcode").isNull();
    for (Record other :
        List.of(
            Record.newRecord(name("_iroh.y.example."), Type.TXT, DClass.IN),
            Record.newRecord(NAME, Type.A, DClass.IN),
            Record.newRecord(NAME, Type.TXT, DClass.CH))) {
      Message wrong = new Message(0xbeef);
      wrong.getHeader().setFlag(Flags.QR);
      wrong.addRecord(other, Section.QUESTION);
      assertThat(check.accept(wrong.toWire())).as("question %s", other).isNull();
      wrong.addRecord(Record.newRecord(NAME, Type.TXT, DClass.IN), Section.QUESTION);
      assertThat(check.accept(wrong.toWire())).as("two questions").isNull();
    }
    assertThat(check.accept(new byte[0])).isNull();
    assertThat(check.accept(new byte[] {(byte) 0xbe, (byte) 0xef, (byte) 0x80})).isNull();
  }

  @Test
  void theCaseOfTheQuestionIsOfNoMatter() {
    Message upper = new Message(7);
    upper.getHeader().setFlag(Flags.QR);
    upper.addRecord(
        Record.newRecord(name("_IROH.X.Example."), Type.TXT, DClass.IN), Section.QUESTION);
    assertThat(new AnswerCheck(query(7)).accept(upper.toWire())).isNotNull();
  }

  @Test
  void withoutAQuestionOnlyARefusalToUnderstandIsAccepted() {
    for (int rcode : List.of(Rcode.FORMERR, Rcode.NOTIMP, Rcode.NOERROR, Rcode.NXDOMAIN)) {
      Message bare = new Message(7);
      bare.getHeader().setFlag(Flags.QR);
      bare.getHeader().setRcode(rcode);
      boolean accepted = new AnswerCheck(query(7)).accept(bare.toWire()) != null;
      assertThat(accepted).isEqualTo(rcode == Rcode.FORMERR || rcode == Rcode.NOTIMP);
    }
  }

  @Test
  void recordsOfOtherNamesAndTypesAreNotLookedAt() throws Exception {
    Record aaaa =
        new AAAARecord(NAME, DClass.IN, 30, java.net.InetAddress.getByName("2001:db8::1"));
    Aliases aliases = new Aliases(NAME, Type.TXT);
    assertThat(
            aliases.follow(
                answer(aaaa, txt("_iroh.y.example."), txt("example."), txt("_iroh.x.example."))))
        .containsExactly(txt("_iroh.x.example."));
    assertThat(new Aliases(NAME, Type.TXT).follow(answer(aaaa, txt("example.")))).isEmpty();
  }

  @Test
  void aliasesAreFollowedInAnyOrderAndOverSeveralAnswers() {
    Aliases aliases = new Aliases(NAME, Type.TXT);
    assertThat(aliases.follow(answer(alias("b.", "c."), alias("_iroh.x.example.", "b.")))).isNull();
    assertThat(aliases.name()).isEqualTo(name("c."));
    assertThat(aliases.follow(answer(txt("c.")))).containsExactly(txt("c."));
    assertThat(aliases.isBroken()).isFalse();
    assertThat(new Aliases(NAME, Type.TXT).follow(answer())).isEmpty();
  }

  @Test
  void circlesAndLongChainsEnd() {
    Aliases circle = new Aliases(NAME, Type.TXT);
    assertThat(
            circle.follow(answer(alias("_iroh.x.example.", "b."), alias("b.", "_IROH.X.example."))))
        .isEmpty();
    assertThat(circle.isBroken()).isTrue();
    Aliases self = new Aliases(NAME, Type.TXT);
    self.follow(answer(alias("_iroh.x.example.", "_iroh.x.example.")));
    assertThat(self.isBroken()).isTrue();
    Aliases endless = new Aliases(NAME, Type.TXT);
    String from = "_iroh.x.example.";
    int questions = 0;
    while (endless.follow(answer(alias(from, "n" + questions + "."))) == null) {
      from = "n" + questions++ + ".";
    }
    assertThat(endless.isBroken()).isTrue();
    assertThat(questions).isLessThan(Aliases.MAX);
  }

  @Test
  void answersAreRememberedForTheirLeastTimeAndFiveMinutesAtMost() {
    AnswerCache cache = new AnswerCache();
    Record brief = new TXTRecord(NAME, DClass.IN, 10, "a");
    Record age = new TXTRecord(NAME, DClass.IN, 1_000_000, "b");
    long start = Long.MAX_VALUE - 7;
    cache.put(NAME, Type.TXT, List.of(age, brief), start);
    assertThat(cache.get(NAME, Type.TXT, start + seconds(10) - 1)).containsExactly(age, brief);
    assertThat(cache.get(NAME, Type.A, start)).isNull();
    assertThat(cache.get(NAME, Type.TXT, start + seconds(10))).isNull();
    cache.put(NAME, Type.TXT, List.of(age), start);
    assertThat(cache.get(NAME, Type.TXT, start + seconds(299))).isNotNull();
    assertThat(cache.get(NAME, Type.TXT, start + seconds(300))).isNull();
  }

  @Test
  void nothingAndWhatIsOfNoTimeAreNotRemembered() {
    AnswerCache cache = new AnswerCache();
    cache.put(NAME, Type.TXT, List.of(), 0);
    assertThat(cache.get(NAME, Type.TXT, 0)).isNull();
    cache.put(NAME, Type.TXT, List.of(new TXTRecord(NAME, DClass.IN, 0, "a")), 0);
    assertThat(cache.get(NAME, Type.TXT, 0)).isNull();
  }

  @Test
  void theCacheIsBoundedAndCanBeCleared() {
    AnswerCache cache = new AnswerCache();
    for (int i = 0; i <= AnswerCache.MAX; i++) {
      Name n = name("n" + i + ".");
      cache.put(n, Type.TXT, List.of(new TXTRecord(n, DClass.IN, 30, "a")), 0);
    }
    assertThat(cache.get(name("n0."), Type.TXT, 0)).isNull();
    assertThat(cache.get(name("n1."), Type.TXT, 0)).isNotNull();
    cache.clear();
    assertThat(cache.get(name("n1."), Type.TXT, 0)).isNull();
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void aPacketOlderThanOneSeenIsRefusedForAsManyKeysAsAreRemembered() {
    SecretKey key = SecretKey.generate();
    TxtRecords records = TxtRecords.of(List.of(), "x");
    NewestSeen seen = new NewestSeen();
    assertThat(seen.accept(records.sign(key, TxtRecords.DEFAULT_TTL, 5))).isTrue();
    assertThat(seen.accept(records.sign(key, TxtRecords.DEFAULT_TTL, 5))).isTrue();
    assertThat(seen.accept(records.sign(key, TxtRecords.DEFAULT_TTL, 4))).isFalse();
    assertThat(seen.accept(records.sign(key, TxtRecords.DEFAULT_TTL, -1))).isTrue();
    assertThat(seen.accept(records.sign(key, TxtRecords.DEFAULT_TTL, 5))).isFalse();
    for (int i = 0; i < NewestSeen.MAX; i++) {
      seen.accept(records.sign(SecretKey.generate(), TxtRecords.DEFAULT_TTL, 1));
    }
    assertThat(seen.accept(records.sign(key, TxtRecords.DEFAULT_TTL, 1))).isTrue();
  }
}
