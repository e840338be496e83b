package dev.warren.core.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Bounded;
import dev.warren.testlab.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Retry tokens, and whether a first packet bears one. */
class TokenProperties {
  private static final long MEMORY = 32 << 20;
  private static final int LIFE_SECONDS = 15;

  private final AtomicLong seconds = new AtomicLong(1_000_000);
  private final RetryTokens tokens = new RetryTokens(() -> true, seconds::get, new LongAdder());

  private static InetSocketAddress address(int last) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last}), 1);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] token(byte[] id, InetSocketAddress address) {
    ByteBuf out = Unpooled.buffer();
    assertThat(tokens.writeToken(out, Unpooled.wrappedBuffer(id), address)).isTrue();
    assertThat(out.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
    return Arrays.copyOf(out.array(), out.writerIndex());
  }

  private int validate(byte[] token, InetSocketAddress address) {
    return tokens.validateToken(Unpooled.wrappedBuffer(token), address);
  }

  @Provide
  Arbitrary<byte[]> hostile() {
    return HostileInput.bytes(token(new byte[8], address(1)), new byte[20], new byte[40]);
  }

  @Provide
  Arbitrary<byte[]> initials() {
    HexFormat hex = HexFormat.of();
    return HostileInput.bytes(
        hex.parseHex("c00000000108" + "8011223344556677" + "080102030405060708" + "00" + "4000"),
        hex.parseHex("c00000000108" + "8011223344556677" + "00" + "4020" + "aa".repeat(32)),
        hex.parseHex("c000000001ff" + "00".repeat(20)));
  }

  @Property(tries = 200)
  void aTokenIsGoodForItsAddressAndTimeOnlyAndGivesTheIdBack(
      @ForAll @Size(max = 20) byte[] id,
      @ForAll @IntRange(max = 255) int last,
      @ForAll @IntRange(max = 40) int age) {
    byte[] token = token(id, address(last));
    long issued = seconds.getAndAdd(age);
    int at = validate(token, address(last));
    if (age <= LIFE_SECONDS) {
      assertThat(Arrays.copyOfRange(token, at, token.length)).isEqualTo(id);
    } else {
      assertThat(at).isNegative();
    }
    seconds.set(issued);
    assertThat(validate(token, address(last + 1))).isNegative();
    seconds.set(issued - 1);
    assertThat(validate(token, address(last))).isNegative();
    seconds.set(issued);
  }

  @Property(tries = 600)
  void noOtherBytesAreAToken(@ForAll("hostile") byte[] token) throws Exception {
    byte[] valid = token(new byte[8], address(1));
    Bounded.run(
        MEMORY,
        () -> assertThat(validate(token, address(1)) >= 0).isEqualTo(Arrays.equals(token, valid)));
  }

  @Property(tries = 300)
  void anIdOfAnyLengthGetsATokenOrNone(@ForAll @Size(max = 60) byte[] id) {
    ByteBuf out = Unpooled.buffer();
    boolean written = tokens.writeToken(out, Unpooled.wrappedBuffer(id), address(1));
    assertThat(written).isEqualTo(id.length <= 20);
    assertThat(out.isReadable()).isEqualTo(written);
  }

  @Property(tries = 300)
  void aFirstPacketBearsATokenWhenItsLengthIsNotZero(
      @ForAll @Size(max = 20) byte[] destination,
      @ForAll @Size(max = 20) byte[] source,
      @ForAll @Size(max = 60) byte[] token) {
    ByteBuf packet = Unpooled.buffer().writeByte(0xc0).writeInt(1);
    packet.writeByte(destination.length).writeBytes(destination);
    packet.writeByte(source.length).writeBytes(source);
    packet.writeByte(token.length).writeBytes(token).writeZero(10);
    assertThat(IncomingGate.hasToken(packet)).isEqualTo(token.length > 0);
  }

  @Property(tries = 400)
  void anyFirstPacketBearsATokenOrNot(@ForAll("initials") byte[] initial) throws Exception {
    checkInitial(initial);
  }

  static void checkInitial(byte[] initial) throws Exception {
    Bounded.run(
        MEMORY,
        () -> {
          ByteBuf packet = Unpooled.wrappedBuffer(initial);
          IncomingGate.hasToken(packet);
          assertThat(packet.readableBytes()).isEqualTo(initial.length);
        });
  }
}
