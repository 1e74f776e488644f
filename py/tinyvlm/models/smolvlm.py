"""SmolVLM, SmolVLM2 and Idefics3 as an Architecture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..ops import KeysValues, Ops, Tensor, Weights
from .architecture import DEFAULT_CONTEXT, Architecture, ModelFiles, Profile, no_videos, token_ids_of
from .looks import Cells, Grid, Look, square
from .parts import smolvlm
from .parts.smolvlm_inputs import ImagePlan, ImageProcessor, ImageTokens, cut_views, image_text
from .parts.smolvlm_video import RESAMPLE, VideoPlan, VideoProcessor, video_plan, video_text


class SmolVLM(Architecture):
    """See models.Architecture. The folder's chat template writes its prompts."""

    def __init__(self, files: ModelFiles) -> None:
        """Read config.json, preprocessor_config.json, generation_config.json and tokenizer_config.json."""
        self.config = smolvlm.SmolVLMConfig.from_dict(files.config)
        self.processor = ImageProcessor.from_dict(files.preprocessor)
        if self.processor.view_size != self.config.vision.image_size:
            raise ValueError("the preprocessor's views and vision_config's image_size differ")
        self._tokens = ImageTokens.from_dict(files.tokenizer)
        self.image_token = self._tokens.image
        self.vocab_size = self.config.text.vocab_size
        self.max_positions = min(self.config.max_positions, DEFAULT_CONTEXT)
        eos = files.generation.get("eos_token_id", files.config.get("eos_token_id"))
        self.eos_token_ids = token_ids_of(files.config["text_config"].get("eos_token_id") if eos is None else eos)
        self.cache_shapes = self.config.text.cache_shapes(self.max_positions)
        self.view_size = self.processor.view_size
        self.video = VideoProcessor.from_dict(files.preprocessor) if "video_sampling" in files.preprocessor else None
        self.max_views = max(self.processor.most_views, self.video.max_frames if self.video else 0)
        self.state_shapes = [(self.config.view_rows, self.config.text.hidden_size)]
        layers = self.config.text.num_hidden_layers
        heads = range(self.config.text.num_attention_heads)
        # The middle third, where models of this kind take from an image what an answer needs (Kaduri et al. 2024).
        self.looks = [Look(layer, heads) for layer in range(layers // 3, max(2 * layers // 3, 1))]

    def plan(self, height: int, width: int, profile: Profile) -> ImagePlan:
        """See Architecture."""
        return self.processor.with_profile(profile).plan(height, width)

    def plan_video(self, frames: int, fps: float) -> VideoPlan:
        """See Architecture: SmolVLM2 reads videos."""
        if self.video is None:
            raise no_videos()
        return video_plan(self.video, frames, fps)

    def views(self, ops: Ops, image: Any, plan: ImagePlan | VideoPlan) -> list[Tensor]:
        """See Architecture. A video's frame is seen as a whole."""
        if isinstance(plan, ImagePlan):
            return cut_views(ops, image, plan, self.view_size, self.processor.resample)
        if self.video is None:
            raise no_videos()
        frame = self.video.frames.plan(*image.shape[:2])
        return cut_views(ops, image, frame, self.view_size, RESAMPLE)

    def encode(self, ops: Ops, weights: Weights, view: Tensor) -> list[Tensor]:
        """See Architecture: rows that stand among the text's embeddings."""
        return [smolvlm.encode(ops, weights, self.config, self.processor, view)]

    def forward(
        self,
        ops: Ops,
        weights: Weights,
        token_ids: Tensor,
        position: int,
        image_state: Sequence[Tensor],
        cache: Sequence[KeysValues],
    ) -> Tensor:
        """See Architecture."""
        features = image_state[0] if image_state else None
        return smolvlm.forward(ops, weights, self.config, token_ids, position, features, cache)

    def logits(self, ops: Ops, weights: Weights, hidden: Tensor) -> Tensor:
        """See Architecture."""
        return smolvlm.logits(ops, weights, self.config, hidden)

    def grid(self, plan: ImagePlan) -> Grid:
        """See Architecture: the tiles' cells, among which those of the whole image are shared out."""
        side = math.isqrt(self.config.view_rows)
        rows = max(plan.rows, 1) * side
        columns = max(plan.columns, 1) * side
        tiles = [(row * side, column * side) for row in range(plan.rows) for column in range(plan.columns)]
        areas = [*(Cells(*corner, side, side) for corner in tiles), Cells(0, 0, rows, columns)]
        return Grid(rows, columns, [cells for area in areas for cells in square(side, area)])

    def image_text(self, plan: ImagePlan | VideoPlan) -> str:
        """See Architecture."""
        write = image_text if isinstance(plan, ImagePlan) else video_text
        return write(plan, self._tokens, self.config.view_rows)  # type: ignore[arg-type]


def load(files: ModelFiles) -> SmolVLM:
    """Return the architecture for this config."""
    return SmolVLM(files)
