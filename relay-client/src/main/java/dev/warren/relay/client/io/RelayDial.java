package dev.warren.relay.client.io;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.relay.client.proxy.RelayProxy;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt needs to know.
 *
 * @param addresses of the relay, or of the proxy if there is one, in the order to try; not empty
 * @param tls for whatever of it speaks TLS
 * @param token checked; sent to the relay, never to the proxy
 * @param legacy whether a relay up to 0.90 may be used, whose handshake can be replayed
 */
public record RelayDial(
    RelayUrl url,
    SecretKey key,
    List<InetSocketAddress> addresses,
    SslContext tls,
    @Nullable RelayProxy proxy,
    @Nullable String token,
    boolean legacy) {}
