#pragma once
#include <png.h>
#include <string.h>

/* The most bytes that the PNG of a picture of red, green and blue takes. */
static inline size_t codecs_png_room(unsigned int width, unsigned int height) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    (image.width = width), (image.height = height), (image.format = PNG_FORMAT_RGB);
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

/* Writes a picture, three bytes a pixel, row by row; `count` is the room, and then what was written. 0, or 1 where it fails. */
static inline int codecs_png_write(
    unsigned int width, unsigned int height, const unsigned char *pixels, unsigned char *output, size_t *count) {
    png_image image;
    png_alloc_size_t size = *count;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    (image.width = width), (image.height = height), (image.format = PNG_FORMAT_RGB);
    int done = png_image_write_to_memory(&image, output, &size, 0, pixels, 0, NULL);
    *count = size;
    return done ? 0 : 1;
}
