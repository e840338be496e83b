package dev.warren.dns.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.dns.server.Ask;
import dev.warren.dns.server.Vectors;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class QueryTest {
  /** Id, flags, counts; then a question for {@code A.a. TXT IN}. */
  private static final String HEADER = "0007" + "0100" + "0001" + "0000" + "0000";

  private static final String QUESTION = "0141" + "0161" + "00" + "0010" + "0001";
  private static final String OPT = "00" + "0029" + "04d0" + "00" + "00" + "8000" + "0000";

  private static Query read(String hex) {
    return Query.read(Unpooled.wrappedBuffer(Vectors.HEX.parseHex(hex)));
  }

  @Test
  void theNameIsInLowerCaseAndTheQuestionAsItCame() {
    Query query = read(HEADER + "0000" + QUESTION);
    assertThat(query.id()).isEqualTo(7);
    assertThat(query.isRecursionDesired()).isTrue();
    assertThat(query.name()).containsExactly(1, 'a', 1, 'a', 0);
    assertThat(query.question()).isEqualTo(Vectors.HEX.parseHex(QUESTION));
    assertThat(query.type()).isEqualTo(Type.TXT);
    assertThat(query.fault()).isEqualTo(Rcode.NOERROR);
    assertThat(query.edns()).isNull();
    assertThat(query.datagramLimit()).isEqualTo(512);
  }

  @Test
  void theOptionsOfEdnsAreRead() {
    Query query = read(HEADER + "0001" + QUESTION + OPT);
    assertThat(query.edns()).isEqualTo(new Query.Edns(1232, 0, true));
    assertThat(query.datagramLimit()).isEqualTo(1232);
  }

  @Test
  void whatDnsjavaWritesIsRead() {
    Message message = Ask.query("_iroh." + Vectors.Z32 + ".irohdns.example.", Type.TXT);
    message.addRecord(new OPTRecord(100, 0, 0), Section.ADDITIONAL);
    Query query = Query.read(Unpooled.wrappedBuffer(message.toWire()));
    assertThat(query.fault()).isEqualTo(Rcode.NOERROR);
    assertThat(query.datagramLimit()).as("never less than 512").isEqualTo(512);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("no question", "000701000000000000000000", Rcode.FORMERR),
        Arguments.of("two questions", "000701000002000000000000" + QUESTION, Rcode.FORMERR),
        Arguments.of("half a question", HEADER + "0000" + "01410161", Rcode.FORMERR),
        Arguments.of("a question with a pointer", HEADER + "0000c00c00100001", Rcode.FORMERR),
        Arguments.of("a label of 64", HEADER + "000040" + "61".repeat(64) + "0000100001", 1),
        Arguments.of(
            "a name of 256",
            HEADER + "0000" + ("3f" + "61".repeat(63)).repeat(4) + "0000100001",
            Rcode.FORMERR),
        Arguments.of("a record that is not there", HEADER + "0001" + QUESTION, Rcode.FORMERR),
        Arguments.of("half a record", HEADER + "0001" + QUESTION + "000029", Rcode.FORMERR),
        Arguments.of("two OPT records", HEADER + "0002" + QUESTION + OPT + OPT, Rcode.FORMERR),
        Arguments.of(
            "OPT of another name", HEADER + "0001" + QUESTION + "0161" + OPT, Rcode.FORMERR),
        Arguments.of(
            "OPT as an answer", "000701000001000100000000" + QUESTION + OPT, Rcode.FORMERR),
        Arguments.of(
            "a pointer that leads nowhere but forward",
            HEADER + "0001" + QUESTION + "c0ff" + OPT.substring(2),
            Rcode.FORMERR),
        Arguments.of("65,535 records", HEADER + "ffff" + QUESTION, Rcode.FORMERR),
        Arguments.of(
            "EDNS of version 1",
            HEADER + "0001" + QUESTION + "00002904d0000180000000",
            Rcode.BADVERS),
        Arguments.of("status", "000711000001000000000000" + QUESTION, Rcode.NOTIMP),
        Arguments.of("notify", "000721000001000000000000" + QUESTION, Rcode.NOTIMP),
        Arguments.of(
            "update of a zone", "000728000001000000000000" + "00" + "00060001", Rcode.NOTIMP),
        Arguments.of("update of no zone", "000728000001000000000000" + QUESTION, Rcode.FORMERR));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void whatIsWrongIsSaid(String what, String hex, int rcode) {
    Query query = read(hex);
    assertThat(query.fault()).isEqualTo(rcode);
    assertThat(query.id()).isEqualTo(7);
  }

  @Test
  void whatIsNoQueryHasNoAnswer() {
    assertThat(read("0007010000010000000000")).as("eleven bytes").isNull();
    assertThat(read("000781000001000000000000" + QUESTION)).as("an answer").isNull();
  }
}
