package dev.warren.relay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.wire.PostcardReader;
import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What is read before a relay connection is one: the HTTP head, the proof of an id; and ids. */
class HandshakeProperties {
  private static final SecretKey KEY = SecretKey.ofBytes(new byte[32]);
  private static final byte[] CHALLENGE = new byte[Handshake.CHALLENGE];

  @Provide
  Arbitrary<byte[]> heads() {
    return Streams.heads();
  }

  @Provide
  Arbitrary<byte[]> proofs() {
    return HostileInput.bytes(Handshake.clientAuth(KEY, CHALLENGE));
  }

  @Provide
  Arbitrary<Map<String, String>> headers() {
    Arbitrary<String> name = Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1);
    Arbitrary<String> value = Arbitraries.strings().withCharRange('!', 'ÿ').ofMaxLength(40);
    return Arbitraries.maps(name, value).ofMaxSize(8);
  }

  @Property(tries = 200)
  void aHeadIsReadAsItWasWritten(@ForAll("headers") Map<String, String> headers) {
    StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\n");
    headers.forEach((k, v) -> text.append(k.toUpperCase()).append(": ").append(v).append("\r\n"));
    ByteBuf in = Unpooled.wrappedBuffer(Streams.ascii(text + "\r\nrest"));
    HttpHead head = HttpHead.read(in);
    assertThat(head.start()).isEqualTo("GET / HTTP/1.1");
    headers.forEach((k, v) -> assertThat(head.header(k)).contains(v.strip()));
    assertThat(in.readableBytes()).isEqualTo(4);
  }

  @Property(tries = 600)
  void anyBytesAreAHeadOrAreWaitedForOrRefused(@ForAll("heads") byte[] bytes) throws Exception {
    checkHead(bytes);
  }

  static void checkHead(byte[] bytes) throws Exception {
    Bounded.run(
        Streams.MEMORY,
        () -> {
          ByteBuf in = Unpooled.wrappedBuffer(bytes);
          try {
            HttpHead head = HttpHead.read(in);
            if (head == null) {
              assertThat(in.readerIndex()).isZero();
              assertThat(bytes.length).isLessThanOrEqualTo(HttpHead.MAX);
              return;
            }
            assertThat(in.readerIndex()).isBetween(4, HttpHead.MAX + 4);
            assertThat(head.headers().size()).isLessThanOrEqualTo(100);
            // Nothing that was read can begin a line of its own when it is shown or sent.
            assertThat(head.start()).doesNotContain("\r\n");
            assertThat(head.headers().values()).noneMatch(v -> v.contains("\r\n"));
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage().length()).isLessThan(100);
          }
        });
  }

  @Provide
  Arbitrary<byte[]> denials() {
    return HostileInput.bytes(
        Handshake.denied("not authorized"), Handshake.denied("x".repeat(300)));
  }

  /** Whatever a stranger's server answers, it is judged, and refusals are worded shortly. */
  @Property(tries = 300)
  void anyAnswerToAnUpgradeHasAMeaning(@ForAll("heads") byte[] bytes) throws Exception {
    checkAnswer(bytes);
  }

  static void checkAnswer(byte[] bytes) throws Exception {
    Bounded.run(
        Streams.MEMORY,
        () -> {
          HttpHead head;
          try {
            head = HttpHead.read(Unpooled.wrappedBuffer(bytes));
          } catch (IllegalArgumentException refused) {
            return;
          }
          if (head != null) {
            UpgradeAnswer answer = UpgradeAnswer.of(head, "dGhlIHNhbXBsZSBub25jZQ==");
            boolean usable =
                answer.kind() != UpgradeAnswer.Kind.NO_RELAY
                    && answer.kind() != UpgradeAnswer.Kind.DENIED;
            assertThat(answer.why().isEmpty()).isEqualTo(usable);
          }
        });
  }

  @Property(tries = 300)
  void anyDenialHasAReason(@ForAll("denials") byte[] bytes) throws Exception {
    checkDenial(bytes);
  }

  static void checkDenial(byte[] bytes) throws Exception {
    byte[] frame = bytes.length == 0 ? new byte[] {RelayFrames.DENIED} : bytes;
    Bounded.run(Streams.MEMORY, () -> assertThat(Denial.reason(frame)).isNotBlank());
  }

  @Property(tries = 100)
  void onlyTheOwnerOfAnIdProvesIt(
      @ForAll @Size(32) byte[] seed,
      @ForAll @Size(16) byte[] challenge,
      @ForAll @Size(16) byte[] other) {
    SecretKey key = SecretKey.ofBytes(seed);
    byte[] proof = Handshake.clientAuth(key, challenge);
    assertThat(Handshake.verify(proof, challenge)).contains(key.nodeId());
    assertThat(Handshake.verify(proof, other).isPresent())
        .isEqualTo(Arrays.equals(challenge, other));
    byte[] stolen = proof.clone();
    System.arraycopy(KEY.nodeId().toBytes(), 0, stolen, 1, 32);
    assertThat(Handshake.verify(stolen, challenge).isPresent())
        .isEqualTo(key.nodeId().equals(KEY.nodeId()));
  }

  /** What follows the 98 bytes is ignored, as postcard does. */
  @Property(tries = 300)
  void noOtherBytesProveAnId(@ForAll("proofs") byte[] proof) throws Exception {
    checkProof(proof);
  }

  static void checkProof(byte[] proof) throws Exception {
    byte[] valid = Handshake.clientAuth(KEY, CHALLENGE);
    boolean same =
        proof.length >= valid.length && Arrays.equals(valid, Arrays.copyOf(proof, valid.length));
    Bounded.run(
        Streams.MEMORY,
        () -> assertThat(Handshake.verify(proof, CHALLENGE).isPresent()).isEqualTo(same));
  }

  @Property(tries = 200)
  void aDenialFitsItsLength(@ForAll String reason) throws Exception {
    for (String text : List.of(reason, reason.repeat(20), "x".repeat(127) + reason)) {
      byte[] frame = Handshake.denied(text);
      PostcardReader in = new PostcardReader(Arrays.copyOfRange(frame, 1, frame.length));
      assertThat(frame[0]).isEqualTo((byte) RelayFrames.DENIED);
      assertThat(text.getBytes(StandardCharsets.UTF_8)).startsWith(in.byteString());
      assertThat(in.remaining()).isZero();
      assertThat(frame.length).isLessThanOrEqualTo(3 + Handshake.MAX_REASON);
    }
  }

  /** A cache that is far too small answers as none would. */
  @Property(tries = 60)
  void aCacheOfIdsAnswersAsNoCacheWould(@ForAll @Size(max = 30) List<@Size(32) byte[]> random)
      throws Exception {
    NodeIdCache cache = new NodeIdCache(2);
    List<byte[]> all = new ArrayList<>(random);
    for (byte[] seed : random) {
      all.add(SecretKey.ofBytes(seed).nodeId().toBytes());
    }
    all.addAll(List.copyOf(all));
    for (byte[] bytes : all) {
      NodeId expected = null;
      try {
        expected = NodeId.ofBytes(bytes);
      } catch (dev.warren.base.KeyParseException notOnTheCurve) {
        assertThat(cache.get(Unpooled.wrappedBuffer(bytes), 0)).isNull();
      }
      assertThat(cache.get(Unpooled.wrappedBuffer(bytes), 0)).isEqualTo(expected);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpHead.read(Unpooled.wrappedBuffer(new byte[HttpHead.MAX + 1])));
  }
}
