package dev.warren.dns.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warren.dns.server.Vectors;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Type;

class DohRequestTest {
  private static final String WIRE = "/dns-query?dns=" + Vectors.QUERY_BASE64URL;
  private static final String JSON = "/dns-query?name=example.org";

  private static DohRequest read(String target, String... accept) throws Exception {
    return DohRequest.read(target, List.of(accept));
  }

  private static int refused(String target, String... accept) {
    return catchThrowableOfType(DohRequest.Refused.class, () -> read(target, accept)).status();
  }

  @Test
  void aMessageIsPreferredWhereThereIsOne() throws Exception {
    for (String accept : List.of("application/dns-message", "*/*", "application/*;q=0.1, a/b")) {
      DohRequest request = read(WIRE + "&name=x", accept);
      assertThat(request.json()).isFalse();
      assertThat(request.message()).isEqualTo(Vectors.QUERY);
    }
    assertThat(read(WIRE).json()).isFalse();
  }

  @Test
  void jsonIsPreferredWhereThereIsAName() throws Exception {
    assertThat(read(JSON).json()).isTrue();
    for (String accept : List.of("*/*", "application/dns-json", "application/x-javascript")) {
      assertThat(read(JSON, accept).json()).as(accept).isTrue();
    }
    assertThat(read(JSON, "text/html", "application/DNS-JSON ; q=0.5").json()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "application/dns-message;q=0, application/dns-json; q=0.0"})
  void whoTakesNeitherIsToldSo(String accept) {
    assertThat(refused(JSON, accept)).isEqualTo(406);
  }

  @ParameterizedTest
  @CsvSource({
    "txt, 16",
    "TXT, 16",
    "AAAA, 28",
    "0028, 28",
    "65535, 65535",
    "'', 1",
  })
  void typesAreNumbersOrNamesInAnyCase(String type, int number) throws Exception {
    String target = type.isEmpty() ? JSON : JSON + "&type=" + type;
    assertThat(new Message(read(target).message()).getQuestion().getType()).isEqualTo(number);
  }

  @Test
  void flagsAreThoseOfTheQuery() throws Exception {
    Message plain = new Message(read(JSON).message());
    assertThat(plain.getHeader().getFlag(Flags.RD)).isTrue();
    assertThat(plain.getHeader().getFlag(Flags.CD)).isFalse();
    Message other = new Message(read(JSON + "&rd=false&cd=true&do=true&ct=x").message());
    assertThat(other.getHeader().getFlag(Flags.RD)).isFalse();
    assertThat(other.getHeader().getFlag(Flags.CD)).isTrue();
    assertThat(other.getHeader().getFlag(Flags.AD)).isTrue();
    assertThat(other.getQuestion().getType()).isEqualTo(Type.A);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/dns-query",
        "/dns-query?",
        "/dns-query?dns=%%%",
        "/dns-query?dns=a+b/",
        "/dns-query?dns=a",
        "/dns-query?name=x&type=",
        "/dns-query?name=a..b",
        "/dns-query?name=%ff%fe&type=nonsense",
        "/dns-query?name=x&type=65536",
        "/dns-query?name=x&type=-1",
        "/dns-query?name=x&rd=1",
        "/dns-query?name=x&cd=TRUE"
      })
  void whatMakesNoSenseIsRefused(String target) {
    assertThat(refused(target)).isEqualTo(400);
  }

  @Test
  void aNameOfAMegabyteIsRefused() {
    char[] letters = new char[1_000_000];
    Arrays.fill(letters, 'a');
    assertThat(refused("/dns-query?name=" + new String(letters))).isEqualTo(400);
  }
}
