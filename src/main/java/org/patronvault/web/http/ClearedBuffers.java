package org.patronvault.web.http;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Jetty's buffer pool, with buffers overwritten on release. Otherwise a passphrase, share or password stays in its
 * off-heap buffer until another request overwrites it.
 */
public final class ClearedBuffers extends ByteBufferPool.Wrapper {
    private static final byte[] ZEROS = new byte[64 * 1024];

    public ClearedBuffers() {
        super(new ArrayByteBufferPool());
    }

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        return new Cleared(super.acquire(size, direct));
    }

    /** A buffer that counts its holders, so that the last release overwrites it before the pool can reuse it. */
    private static final class Cleared extends RetainableByteBuffer.Wrapper {
        private final AtomicInteger holders = new AtomicInteger(1);

        Cleared(RetainableByteBuffer pooled) {
            super(pooled);
        }

        @Override
        public boolean canRetain() {
            return true;
        }

        @Override
        public boolean isRetained() {
            return holders.get() > 1;
        }

        @Override
        public int getRetained() {
            return holders.get();
        }

        @Override
        public void retain() {
            if (holders.getAndIncrement() <= 0) {
                throw new IllegalStateException("the buffer was given back");
            }
        }

        @Override
        public boolean release() {
            int left = holders.decrementAndGet();
            if (left < 0) {
                throw new IllegalStateException("the buffer was given back");
            }
            if (left == 0) {
                clear(getByteBuffer().duplicate().clear());
                return super.release();
            }
            return false;
        }

        private static void clear(ByteBuffer all) {
            while (all.hasRemaining()) {
                all.put(ZEROS, 0, Math.min(all.remaining(), ZEROS.length));
            }
        }
    }
}
